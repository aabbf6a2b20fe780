// What the doors share: their frame, a password to choose or to show, and a form that says what went wrong.
import { type ReactNode, useState } from "react";
import {
  type DefaultValues,
  type FieldValues,
  type Path,
  type UseFormReturn,
  useForm,
} from "react-hook-form";
import { asProblem } from "@/api/problem";
import { Bare } from "@/app/Bare";
import { href, navigate } from "@/router/router";
import { Button } from "@/ui/Button";
import { Field, TextInput } from "@/ui/Field";
import { usePageTitle } from "@/ui/layout";
import { ErrorMessage } from "@/ui/states";
import { PASSWORD_PROBLEMS, signInWords } from "./words";

export function Door({ title, children }: { title: string; children: ReactNode }) {
  usePageTitle(title);
  return (
    <Bare>
      <h1 className="font-semibold text-xl">{title}</h1>
      {children}
      <a href={href("/sign-in")} className="self-start rounded-sm text-accent-ink text-sm underline">
        Go to the sign-in page
      </a>
    </Bare>
  );
}

export const goIn = () => navigate(href("/assessments"), { replace: true });

/** The token must be in the address; without one the link was cut short on its way. */
export function NoToken({ title }: { title: string }) {
  return (
    <Door title={title}>
      <p className="text-sm">This link is not whole. Open it from the mail again, or copy all of it.</p>
    </Door>
  );
}

/** A form that spreads the server's complaints over its fields, and says the rest above them. */
export function DoorForm<Values extends FieldValues>({
  defaults,
  submit,
  action,
  refused,
  children,
}: {
  defaults: DefaultValues<Values>;
  submit(values: Values): Promise<void>;
  action: string;
  refused: string;
  children(form: UseFormReturn<Values>): ReactNode;
}) {
  const form = useForm<Values>({ defaultValues: defaults });
  const { errors, isSubmitting } = form.formState;

  const send = form.handleSubmit(async (values) => {
    try {
      await submit(values);
    } catch (error) {
      const problem = asProblem(error);
      const known = Object.entries(problem.fields).filter(([name]) => name in values);
      for (const [name, sentences] of known)
        form.setError(name as Path<Values>, { message: sentences.join(" ") });
      if (known.length === 0)
        form.setError("root", {
          message:
            problem.code === "too_many_attempts"
              ? (PASSWORD_PROBLEMS.too_many_attempts ?? problem.message)
              : problem.message,
        });
    }
  });

  return (
    <form onSubmit={send} noValidate className="flex flex-col gap-4">
      {errors.root?.message && <ErrorMessage title={refused} error={new Error(errors.root.message)} />}
      {children(form)}
      <Button type="submit" look="primary" busy={isSubmitting}>
        {action}
      </Button>
    </form>
  );
}

interface WithPassword extends FieldValues {
  password: string;
}

export function PasswordField<Values extends WithPassword>({
  form,
  label,
  isNew,
  email,
}: {
  form: UseFormReturn<Values>;
  label: string;
  isNew: boolean;
  email?: string;
}) {
  const [shown, setShown] = useState(false);
  const error = form.formState.errors.password?.message;
  return (
    <>
      {/* Tells password managers whose password this is. */}
      {email && <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />}
      <Field
        label={label}
        hint={isNew ? signInWords.howToChoose : undefined}
        error={typeof error === "string" ? error : undefined}
      >
        {(control) => (
          <div className="flex gap-2">
            <TextInput
              {...control}
              {...form.register("password" as Path<Values>, {
                required: "Enter a password.",
                ...(isNew && { minLength: { value: 12, message: signInWords.tooShort } }),
              })}
              type={shown ? "text" : "password"}
              autoComplete={isNew ? "new-password" : "current-password"}
              maxLength={200}
            />
            <Button aria-pressed={shown} onClick={() => setShown(!shown)}>
              {shown ? "Hide" : "Show"}
              <span className="sr-only"> the password</span>
            </Button>
          </div>
        )}
      </Field>
    </>
  );
}
