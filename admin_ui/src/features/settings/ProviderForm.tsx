// The settings of a provider, drawn from what its plugin declares. Only what was changed is sent; secrets never come back.
import { type FormEvent, useState } from "react";
import { asProblem } from "@/api/problem";
import type { Provider, ProviderSetting } from "@/api/types";
import { Button } from "@/ui/Button";
import { Checkbox, Field, Select, TextInput } from "@/ui/Field";
import { ErrorMessage } from "@/ui/states";
import { toast } from "@/ui/toasts";
import { type SettingValues, useSetUp } from "./plugins";

type Entries = Record<string, string | boolean>;

export function ProviderForm({ provider, onDone }: { provider: Provider; onDone: () => void }) {
  const setUp = useSetUp();
  const settings = provider.settings.filter(({ editable }) => editable);
  const [entries, setEntries] = useState<Entries>({});
  const problem = setUp.error ? asProblem(setUp.error) : null;
  const errorOf = (name: string) => problem?.fields[`settings.${name}`]?.[0];
  const isNamed = settings.some(({ name }) => errorOf(name));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const changed: SettingValues = {};
    for (const setting of settings) {
      const entry = entries[setting.name];
      if (entry !== undefined) changed[setting.name] = parsed(setting, entry);
    }
    if (Object.keys(changed).length === 0) return onDone();
    setUp.mutate(
      { provider, settings: changed },
      {
        onSuccess: () => {
          toast.success("Settings saved", provider.title);
          onDone();
        },
      },
    );
  };

  return (
    <form onSubmit={submit} className="flex flex-col gap-5" noValidate>
      {problem && !isNamed && <ErrorMessage error={problem} title="The settings were not saved" />}
      {settings.map((setting) => (
        <Entry
          key={setting.name}
          setting={setting}
          entry={entries[setting.name]}
          error={errorOf(setting.name)}
          onChange={(entry) => setEntries((old) => ({ ...old, [setting.name]: entry }))}
        />
      ))}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" busy={setUp.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}

/** An emptied field brings the deployment's value back, or the default. */
function parsed(setting: ProviderSetting, entry: string | boolean) {
  if (typeof entry === "boolean") return entry;
  if (entry.trim() === "") return null;
  const isNumber = setting.kind === "integer" || setting.kind === "number";
  // What is no number goes as it is: the server says what it expects.
  return isNumber && !Number.isNaN(Number(entry)) ? Number(entry) : entry;
}

const SOURCE: Record<ProviderSetting["source"], string> = {
  organization: "",
  deployment: "Set for the whole deployment; what you enter here wins.",
  default: "",
  unset: "",
};

function Entry({
  setting,
  entry,
  error,
  onChange,
}: {
  setting: ProviderSetting;
  entry: string | boolean | undefined;
  error: string | undefined;
  onChange: (entry: string | boolean) => void;
}) {
  const { title, help, kind, required, choices, source, value } = setting;
  const hint = [help, SOURCE[source]].filter(Boolean).join(" ");
  const shown = entry ?? (source === "organization" ? String(value ?? "") : "");
  if (kind === "boolean") {
    const on = entry ?? value ?? false;
    return (
      <Checkbox
        label={title}
        hint={hint}
        checked={on === true}
        onChange={(event) => onChange(event.target.checked)}
      />
    );
  }
  const placeholder =
    kind === "secret" && source !== "unset" && source !== "default"
      ? "Set. Enter another to replace it."
      : source === "default" && value !== null
        ? String(value)
        : undefined;
  return (
    <Field label={title} hint={hint} error={error} optional={!required}>
      {(control) =>
        kind === "choice" ? (
          <Select {...control} value={String(shown)} onChange={(event) => onChange(event.target.value)}>
            <option value="">{value === null ? "Not set" : `Default (${value})`}</option>
            {choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </Select>
        ) : (
          <TextInput
            {...control}
            type={kind === "secret" ? "password" : "text"}
            inputMode={kind === "integer" || kind === "number" ? "decimal" : undefined}
            autoComplete={kind === "secret" ? "new-password" : "off"}
            spellCheck={false}
            placeholder={placeholder}
            value={String(shown)}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Field>
  );
}
