// Inviting a person by mail.
import { useRef } from "react";
import { useForm } from "react-hook-form";
import { idempotencyKeys } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Role } from "@/api/types";
import { looksLikeEmail } from "@/features/assessments/create/form";
import { Button } from "@/ui/Button";
import { Field, Select, TextInput } from "@/ui/Field";
import { ErrorMessage } from "@/ui/states";
import { toast } from "@/ui/toasts";
import { ROLE } from "@/words";
import { useInvite } from "./people";

interface Invitation {
  full_name: string;
  email: string;
  role: Role;
}

export function InviteForm({ onDone }: { onDone(): void }) {
  const invite = useInvite();
  const headersFor = useRef(idempotencyKeys());
  const { register, handleSubmit, setError, formState } = useForm<Invitation>({
    defaultValues: { full_name: "", email: "", role: "recruiter" },
  });
  const { errors, isSubmitting } = formState;

  const submit = handleSubmit(async ({ full_name, email, role }) => {
    const body = { full_name: full_name.trim(), email: email.trim(), role };
    try {
      await invite.mutateAsync({ body, headers: headersFor.current(body) });
      toast.success("Invitation on its way", body.email);
      onDone();
    } catch (error) {
      const problem = asProblem(error);
      const known = Object.entries(problem.fields).filter(([name]) => name in body);
      for (const [name, sentences] of known)
        setError(name as keyof Invitation, { message: sentences.join(" ") });
      if (known.length === 0) setError("root", { message: problem.message });
    }
  });

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {errors.root?.message && (
        <ErrorMessage title="Nobody was invited" error={new Error(errors.root.message)} />
      )}
      <Field label="Full name" error={errors.full_name?.message}>
        {(control) => (
          <TextInput
            {...control}
            {...register("full_name", {
              validate: (text) => text.trim() !== "" || "Enter the person’s name.",
            })}
            autoComplete="off"
            maxLength={120}
          />
        )}
      </Field>
      <Field label="E-mail" error={errors.email?.message}>
        {(control) => (
          <TextInput
            {...control}
            {...register("email", { validate: looksLikeEmail })}
            type="email"
            autoComplete="off"
            maxLength={254}
          />
        )}
      </Field>
      <Field label="Role" error={errors.role?.message}>
        {(control) => (
          <Select {...control} {...register("role")}>
            {Object.entries(ROLE).map(([role, label]) => (
              <option key={role} value={role}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Button type="submit" look="primary" busy={isSubmitting} className="self-end">
        Send invitation
      </Button>
    </form>
  );
}
