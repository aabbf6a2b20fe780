// Adding a candidate without inviting them yet.
import { useRef } from "react";
import { FormProvider, useForm } from "react-hook-form";
import { idempotencyKeys } from "@/api/client";
import { asProblem } from "@/api/problem";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, TextInput } from "@/ui/Field";
import { type Person, PersonFields } from "@/ui/PersonFields";
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

interface CandidateForm extends Person {
  external_id: string;
}

function CandidateForm({ onDone }: { onDone(): void }) {
  const create = useCreateCandidate();
  const headersFor = useRef(idempotencyKeys());
  const form = useForm<CandidateForm>({
    defaultValues: { full_name: "", email: "", external_id: "" },
  });
  const { register, handleSubmit, setError, formState } = form;
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
    <FormProvider {...form}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        {errors.root?.message && (
          <ErrorMessage title="The candidate was not added" error={new Error(errors.root.message)} />
        )}
        <PersonFields whose="candidate" nameLength={200} />
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
    </FormProvider>
  );
}
