// Signing in: by the one-time link in the address, or with e-mail and password.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useForm } from "react-hook-form";
import { asProblem, type Problem } from "@/api/problem";
import { type SessionState, session } from "@/api/session";
import { Bare } from "@/app/Bare";
import { href, navigate } from "@/router/router";
import { Button } from "@/ui/Button";
import { Field, TextInput } from "@/ui/Field";
import { usePageTitle } from "@/ui/layout";
import { ErrorMessage, LoadingPanel } from "@/ui/states";
import { signInOptions } from "./queries";
import { PASSWORD_PROBLEMS, signInWords } from "./words";

export function SignInPage({ state, linkToken }: { state: SessionState; linkToken: string | null }) {
  usePageTitle("Sign in");
  if (linkToken !== null) return <RedeemLink token={linkToken} />;
  const why = state.status === "signed-out" ? state.why : "never";
  return (
    <Bare>
      <div>
        <h1 className="font-semibold text-xl">Sign in</h1>
        {why !== "never" && (
          <p role="status" className="mt-2 rounded-md bg-info-soft px-3 py-2 text-info text-sm">
            {signInWords[why]}
          </p>
        )}
      </div>
      <PasswordForm />
      <OtherWays />
    </Bare>
  );
}

function OtherWays() {
  const options = useQuery(signInOptions());
  return (
    <div className="flex flex-col gap-3 text-sm">
      <a href={href("/forgotten")} className="self-start rounded-sm text-accent-ink underline">
        Forgotten your password?
      </a>
      {options.data?.registration && (
        <a href={href("/register")} className="self-start rounded-sm text-accent-ink underline">
          Register an organisation
        </a>
      )}
      <p className="text-muted">{signInWords.noPassword}</p>
    </div>
  );
}

function RedeemLink({ token }: { token: string }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [tries, setTries] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each try is a new run.
  useEffect(() => {
    let shown = true;
    setProblem(null);
    session
      .redeem(token)
      // The token must not stay in the address, where a screenshot or the history could show it.
      .then(() => navigate(href("/assessments"), { replace: true }))
      .catch((error: unknown) => {
        if (shown) setProblem(asProblem(error));
      });
    return () => {
      shown = false;
    };
  }, [token, tries]);

  const spent = problem?.code === "link_invalid";
  return (
    <Bare>
      <h1 className="font-semibold text-xl">Signing you in</h1>
      {!problem && <LoadingPanel label={signInWords.redeeming} rows={2} />}
      {problem && (
        <>
          <ErrorMessage
            error={spent ? new Error(signInWords.linkSpent) : problem}
            title={spent ? "This link no longer works" : "The link could not be used yet"}
            onRetry={spent ? undefined : () => setTries((n) => n + 1)}
          />
          <Button onClick={() => navigate(href("/assessments"), { replace: true })}>
            Continue without the link
          </Button>
        </>
      )}
    </Bare>
  );
}

function PasswordForm() {
  const { register, handleSubmit, formState, setError } = useForm<{ email: string; password: string }>();
  const { errors, isSubmitting } = formState;

  const submit = handleSubmit(async ({ email, password }) => {
    try {
      await session.signIn(email.trim(), password);
    } catch (error) {
      const problem = asProblem(error);
      setError("root", { message: PASSWORD_PROBLEMS[problem.code] ?? problem.message });
    }
  });

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {errors.root?.message && (
        <ErrorMessage error={new Error(errors.root.message)} title="You are not signed in" />
      )}
      <Field label="E-mail" error={errors.email?.message}>
        {(control) => (
          <TextInput
            {...control}
            {...register("email", { required: "Enter your e-mail address." })}
            type="email"
            autoComplete="username"
          />
        )}
      </Field>
      <Field label="Password" error={errors.password?.message}>
        {(control) => (
          <TextInput
            {...control}
            {...register("password", { required: "Enter your password." })}
            type="password"
            autoComplete="current-password"
          />
        )}
      </Field>
      <Button type="submit" look="primary" busy={isSubmitting}>
        Sign in
      </Button>
    </form>
  );
}
