// The signed-in person's own settings: password, appearance, and single-key shortcuts.
import { useForm } from "react-hook-form";
import { asProblem } from "@/api/problem";
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
      <PasswordSection hasPassword={user.has_password} />
      <Preferences />
    </div>
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
