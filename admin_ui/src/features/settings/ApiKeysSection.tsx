// API keys: made, shown once, and revoked.
import { useInfiniteQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { idempotencyKeys } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { ApiKey, CreatedApiKey, Scope } from "@/api/types";
import { useMay } from "@/api/use-session";
import { ago, at, day } from "@/format/format";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { CopyField } from "@/ui/copy";
import { ConfirmDialog, Dialog } from "@/ui/Dialog";
import { Checkbox, Field, Select, TextInput } from "@/ui/Field";
import { Section } from "@/ui/layout";
import { LoadMore } from "@/ui/list-tools";
import { Empty, Loaded } from "@/ui/states";
import { toast } from "@/ui/toasts";
import { apiKeys, useCreateApiKey, useRevokeApiKey } from "./queries";

const SCOPE: Record<Scope, string> = {
  read: "Read",
  "assessments:write": "Invite candidates and manage assessments",
  "tasks:write": "Change tasks",
  embed: "Open embedded sessions",
};

const LIFETIMES = { "": "Never", "30": "In 30 days", "90": "In 90 days", "365": "In a year" } as const;
const DAY_MS = 24 * 60 * 60 * 1000;

interface KeyForm {
  name: string;
  scopes: Scope[];
  days: keyof typeof LIFETIMES;
}

/** To the hour, so that a second click on the same form asks for the same key. */
function expiry(days: KeyForm["days"]): string | null {
  if (days === "") return null;
  const at = new Date(Date.now() + Number(days) * DAY_MS);
  at.setUTCMinutes(0, 0, 0);
  return at.toISOString();
}

export function ApiKeysSection() {
  const list = useInfiniteQuery(apiKeys());
  const isOwner = useMay("owner");
  const [creating, setCreating] = useState(false);
  const create = isOwner && (
    <Button look="primary" onClick={() => setCreating(true)}>
      Create key
    </Button>
  );
  return (
    <Section
      title="API keys"
      description="With a key, your server creates assessments and opens embedded sessions. Whoever has it can do the same: keep it out of browsers and repositories."
      actions={create}
    >
      <Loaded query={list} errorTitle="The keys could not be loaded">
        {({ pages }) => {
          const keys = pages.flatMap(({ data }) => data);
          if (keys.length === 0) {
            return (
              <Empty title="No API keys yet">You need one only to embed assessments or call the API.</Empty>
            );
          }
          return (
            <>
              <ul className="rounded-lg border border-line bg-raised">
                {keys.map((key) => (
                  <KeyRow key={key.id} apiKey={key} mayRevoke={isOwner} />
                ))}
              </ul>
              <LoadMore query={list} shown={keys.length} what="key" />
            </>
          );
        }}
      </Loaded>
      <Dialog open={creating} onOpenChange={setCreating} title="Create API key">
        <CreateKey onDone={() => setCreating(false)} />
      </Dialog>
    </Section>
  );
}

function KeyRow({ apiKey, mayRevoke }: { apiKey: ApiKey; mayRevoke: boolean }) {
  const [asking, setAsking] = useState(false);
  const revoke = useRevokeApiKey();
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-4 py-3 last:border-b-0">
      <KeyRound aria-hidden className="size-4 text-muted" />
      <div className="min-w-0 flex-1 basis-48">
        <p className="truncate font-medium" title={apiKey.name}>
          {apiKey.name}
        </p>
        <p className="font-mono text-muted text-xs">{apiKey.prefix}…</p>
        <p className="text-muted text-xs">{apiKey.scopes.map((scope) => SCOPE[scope]).join(", ")}</p>
      </div>
      <p className="text-muted text-xs">
        Created {day(apiKey.created_at)}
        <br />
        <span title={at(apiKey.last_used_at)}>
          {apiKey.last_used_at ? `Last used ${ago(apiKey.last_used_at)}` : "Never used"}
        </span>
        {apiKey.expires_at && (
          <>
            <br />
            <span title={at(apiKey.expires_at)}>Expires {day(apiKey.expires_at)}</span>
          </>
        )}
      </p>
      {apiKey.revoked_at ? (
        <Badge tone="danger">Revoked {day(apiKey.revoked_at)}</Badge>
      ) : (
        mayRevoke && (
          <Button size="small" look="danger" onClick={() => setAsking(true)}>
            Revoke<span className="sr-only"> {apiKey.name}</span>
          </Button>
        )
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Revoke “${apiKey.name}”?`}
        confirm="Revoke the key"
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() =>
          revoke.mutate(apiKey.id, {
            onSuccess: () => {
              setAsking(false);
              toast.success("Key revoked");
            },
          })
        }
      >
        Every program that uses it stops working at once. This cannot be undone.
      </ConfirmDialog>
    </li>
  );
}

function CreateKey({ onDone }: { onDone(): void }) {
  const create = useCreateApiKey();
  const headersFor = useRef(idempotencyKeys());
  const [created, setCreated] = useState<CreatedApiKey | null>(null);
  const { register, handleSubmit, setError, formState } = useForm<KeyForm>({
    defaultValues: { name: "", scopes: ["read", "assessments:write", "embed"], days: "" },
  });
  const { errors, isSubmitting } = formState;

  const submit = handleSubmit(async ({ name, scopes, days }) => {
    const body = { name: name.trim(), scopes, expires_at: expiry(days) };
    try {
      setCreated(await create.mutateAsync({ ...body, headers: headersFor.current(body) }));
    } catch (error) {
      const problem = asProblem(error);
      setError("name", { message: problem.fields.name?.join(" ") ?? problem.message });
    }
  });

  if (created) {
    return (
      <div className="flex flex-col gap-4">
        <p className="text-sm">
          Copy the key now and keep it safe: <strong>it is not shown again</strong>.
        </p>
        <CopyField text={created.key} what="API key" />
        <Button look="primary" onClick={onDone} className="self-end">
          I have copied it
        </Button>
      </div>
    );
  }
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <Field
        label="Name"
        hint="What will use it, so that you know later what breaks."
        error={errors.name?.message}
      >
        {(control) => (
          <TextInput
            {...control}
            {...register("name", { validate: (text) => text.trim() !== "" || "Enter a name." })}
            autoComplete="off"
            maxLength={80}
            placeholder="Careers site"
          />
        )}
      </Field>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1.5 font-medium text-sm">What it may do</legend>
        {Object.entries(SCOPE).map(([scope, label]) => (
          <Checkbox
            key={scope}
            label={label}
            value={scope}
            {...register("scopes", { validate: (chosen) => chosen.length > 0 || "Choose at least one." })}
          />
        ))}
        {errors.scopes?.message && (
          <p role="alert" className="text-danger text-sm">
            {errors.scopes.message}
          </p>
        )}
      </fieldset>
      <Field label="Expires" hint="A program that uses it then needs a new one.">
        {(control) => (
          <Select {...control} {...register("days")}>
            {Object.entries(LIFETIMES).map(([days, label]) => (
              <option key={days} value={days}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Button type="submit" look="primary" busy={isSubmitting} className="self-end">
        Create key
      </Button>
    </form>
  );
}
