// The signed-in person's own settings: password, appearance, and single-key shortcuts.
import { useState } from "react";
import { useForm } from "react-hook-form";
import { asProblem } from "@/api/problem";
import { session } from "@/api/session";
import { useMe } from "@/api/use-session";
import { Button } from "@/ui/Button";
import { Checkbox, Field, TextInput } from "@/ui/Field";
import { Facts, Section } from "@/ui/layout";
import { Segments } from "@/ui/list-tools";
import { shortcutsPreference } from "@/ui/shortcuts";
import { ErrorMessage } from "@/ui/states";
import { THEMES, type Theme, theme } from "@/ui/theme";
import { toast } from "@/ui/toasts";
import { ROLE } from "@/words";
import { useSetPassword } from "./queries";

const SHORTEST_PASSWORD = 12;

export function AccountSection() {
  const { user, role } = useMe();
  return (
    <div className="flex max-w-xl flex-col gap-10">
      <Section title="You">
        <Facts
          facts={[
            ["Name", user.full_name],
            ["E-mail", user.email],
            ["Role", ROLE[role] ?? role],
          ]}
        />
      </Section>
      <Organizations />
      <PasswordSection hasPassword={user.has_password} />
      <Preferences />
    </div>
  );
}

/** Only for who belongs to more than one. */
function Organizations() {
  const { organization, organizations } = useMe();
  const [going, setGoing] = useState<string | null>(null);
  if (organizations.length < 2) return null;

  async function go(id: string) {
    setGoing(id);
    try {
      await session.switchTo(id);
    } catch (error) {
      setGoing(null);
      toast.error("You are still where you were", error);
    }
  }

  return (
    <Section title="Your organisations" description="You are signed in to one at a time.">
      <ul className="rounded-lg border border-line bg-raised">
        {organizations.map(({ id, name, role: there }) => (
          <li key={id} className="flex items-center gap-4 border-line border-b px-4 py-3 last:border-b-0">
            <div className="min-w-0 flex-1">
              <p className="truncate font-medium" title={name}>
                {name}
              </p>
              <p className="text-muted text-xs">{ROLE[there] ?? there}</p>
            </div>
            {id === organization.id ? (
              <span className="text-muted text-sm">You are here</span>
            ) : (
              <Button size="small" busy={going === id} disabled={going !== null} onClick={() => go(id)}>
                Go there<span className="sr-only">, to {name}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function PasswordSection({ hasPassword }: { hasPassword: boolean }) {
  const { user } = useMe();
  const setPassword = useSetPassword();
  const { register, handleSubmit, setError, reset, formState, getValues } = useForm({
    defaultValues: { current_password: "", password: "", again: "" },
  });
  const { errors, isSubmitting } = formState;

  const submit = handleSubmit(async ({ current_password, password }) => {
    try {
      await setPassword.mutateAsync({ password, ...(hasPassword && { current_password }) });
      reset();
      toast.success(hasPassword ? "Password changed" : "Password set");
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === "current_password_wrong")
        setError("current_password", { message: problem.message });
      else if (problem.fields.password) setError("password", { message: problem.fields.password.join(" ") });
      else setError("root", { message: problem.message });
    }
  });

  return (
    <Section
      title={hasPassword ? "Change your password" : "Set a password"}
      description={
        hasPassword
          ? undefined
          : "You signed in with a one-time link. With a password you can come back without one."
      }
    >
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        {errors.root?.message && (
          <ErrorMessage title="The password was not saved" error={new Error(errors.root.message)} />
        )}
        {/* Tells password managers whose password this is. */}
        <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
        {hasPassword && (
          <Field label="Current password" error={errors.current_password?.message}>
            {(control) => (
              <TextInput
                {...control}
                {...register("current_password", { required: "Enter your current password." })}
                type="password"
                autoComplete="current-password"
              />
            )}
          </Field>
        )}
        <Field
          label="New password"
          hint={`At least ${SHORTEST_PASSWORD} characters. A few random words make a good one.`}
          error={errors.password?.message}
        >
          {(control) => (
            <TextInput
              {...control}
              {...register("password", {
                minLength: {
                  value: SHORTEST_PASSWORD,
                  message: `Use at least ${SHORTEST_PASSWORD} characters.`,
                },
                required: "Enter a password.",
              })}
              type="password"
              autoComplete="new-password"
            />
          )}
        </Field>
        <Field label="New password, again" error={errors.again?.message}>
          {(control) => (
            <TextInput
              {...control}
              {...register("again", {
                validate: (text) => text === getValues("password") || "The two passwords differ.",
              })}
              type="password"
              autoComplete="new-password"
            />
          )}
        </Field>
        <Button type="submit" look="primary" busy={isSubmitting} className="self-start">
          {hasPassword ? "Change password" : "Set password"}
        </Button>
      </form>
    </Section>
  );
}

const THEME_LABEL: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

function Preferences() {
  const chosen = theme.use();
  const shortcuts = shortcutsPreference.use();
  return (
    <Section title="This browser" description="Kept here only; another browser has its own.">
      <div className="flex flex-col gap-5">
        <Segments
          label="Theme"
          value={chosen}
          options={THEMES.map((value) => ({ value, label: THEME_LABEL[value] }))}
          onChange={(value) => theme.set(value as Theme)}
        />
        <Checkbox
          label="Single-key shortcuts"
          hint="Keys like j, k and / act when no field has the focus. Switch them off if you use speech input."
          checked={shortcuts === "on"}
          onChange={(event) => shortcutsPreference.set(event.target.checked ? "on" : "off")}
        />
      </div>
    </Section>
  );
}
