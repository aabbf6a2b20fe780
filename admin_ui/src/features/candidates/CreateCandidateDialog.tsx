// Adding a candidate without inviting them yet.
import { useRef } from "react";
import { useForm } from "react-hook-form";
import { idempotencyKeys } from "@/api/client";
import { asProblem } from "@/api/problem";
import { looksLikeEmail } from "@/features/assessments/create/form";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, TextInput } from "@/ui/Field";
import { ErrorMessage } from "@/ui/states";
import { toast } from "@/ui/toasts";
import { useCreateCandidate } from "./queries";

export function CreateCandidateDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange(open: boolean): void;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Add candidate">
      <CandidateForm onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

interface CandidateForm {
  full_name: string;
  email: string;
  external_id: string;
}

function CandidateForm({ onDone }: { onDone(): void }) {
  const create = useCreateCandidate();
  const headersFor = useRef(idempotencyKeys());
  const { register, handleSubmit, setError, formState } = useForm<CandidateForm>({
    defaultValues: { full_name: "", email: "", external_id: "" },
  });
  const { errors, isSubmitting } = formState;

  const submit = handleSubmit(async (values) => {
    const body = {
      full_name: values.full_name.trim(),
      email: values.email.trim(),
      ...(values.external_id.trim() && { external_ids: [{ system: "own", id: values.external_id.trim() }] }),
    };
    try {
      const created = await create.mutateAsync({ body, headers: headersFor.current(body) });
      toast.success("Candidate added", created.full_name);
      onDone();
    } catch (error) {
      const problem = asProblem(error);
      const known = Object.entries(problem.fields).filter(([name]) => name in body);
      for (const [name, sentences] of known) {
        setError(name as keyof CandidateForm, { message: sentences.join(" ") });
      }
      if (known.length === 0) setError("root", { message: problem.message });
    }
  });

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {errors.root?.message && (
        <ErrorMessage title="The candidate was not added" error={new Error(errors.root.message)} />
      )}
      <Field label="Full name" error={errors.full_name?.message}>
        {(control) => (
          <TextInput
            {...control}
            {...register("full_name", {
              validate: (text) => text.trim() !== "" || "Enter the candidate’s name.",
            })}
            autoComplete="off"
            maxLength={200}
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
      <Field
        label="Your reference"
        optional
        hint="Their id in your own system"
        error={errors.external_id?.message}
      >
        {(control) => (
          <TextInput {...control} {...register("external_id")} autoComplete="off" maxLength={200} />
        )}
      </Field>
      <Button type="submit" look="primary" busy={isSubmitting} className="self-end">
        Add candidate
      </Button>
    </form>
  );
}
