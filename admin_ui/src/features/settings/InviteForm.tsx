// Inviting a person by mail.
import { useRef } from "react";
import { FormProvider, useForm } from "react-hook-form";
import { idempotencyKeys } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Role } from "@/api/types";
import { Button } from "@/ui/Button";
import { Field, Select } from "@/ui/Field";
import { type Person, PersonFields } from "@/ui/PersonFields";
import { ErrorMessage } from "@/ui/states";
import { toast } from "@/ui/toasts";
import { ROLE } from "@/words";
import { useInvite } from "./people";

interface Invitation extends Person {
  role: Role;
}

export function InviteForm({ onDone }: { onDone(): void }) {
  const invite = useInvite();
  const headersFor = useRef(idempotencyKeys());
  const form = useForm<Invitation>({
    defaultValues: { full_name: "", email: "", role: "recruiter" },
  });
  const { register, handleSubmit, setError, formState } = form;
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
    <FormProvider {...form}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        {errors.root?.message && (
          <ErrorMessage title="Nobody was invited" error={new Error(errors.root.message)} />
        )}
        <PersonFields whose="person" nameLength={120} />
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
    </FormProvider>
  );
}
