// The organisation's name, the pages that may embed its assessments, and what models may cost it.
import { useQuery } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { asProblem } from "@/api/problem";
import type { Organization } from "@/api/types";
import { useMay } from "@/api/use-session";
import { Button } from "@/ui/Button";
import { Field, TextArea, TextInput } from "@/ui/Field";
import { ErrorMessage, Loaded } from "@/ui/states";
import { toast } from "@/ui/toasts";
import { words } from "@/words";
import { originProblem, parseOrigins } from "./origins";
import { organization, useUpdateOrganization } from "./queries";
import { SpendingSection } from "./SpendingSection";

export function OrganizationSection() {
  const query = useQuery(organization());
  return (
    <Loaded query={query} errorTitle="The organisation could not be loaded">
      {(loaded) => (
        <>
          <OrganizationForm organization={loaded} />
          <SpendingSection />
        </>
      )}
    </Loaded>
  );
}

function OrganizationForm({ organization }: { organization: Organization }) {
  const update = useUpdateOrganization();
  const isOwner = useMay("owner");
  const { register, handleSubmit, setError, reset, formState } = useForm({
    defaultValues: { name: organization.name, origins: organization.allowed_origins.join("\n") },
  });
  const { errors, isSubmitting, isDirty } = formState;

  const submit = handleSubmit(async ({ name, origins }) => {
    try {
      const saved = await update.mutateAsync({ name: name.trim(), allowed_origins: parseOrigins(origins) });
      reset({ name: saved.name, origins: saved.allowed_origins.join("\n") });
      toast.success("Organisation saved");
    } catch (error) {
      const problem = asProblem(error);
      const { name: nameErrors, allowed_origins: originErrors } = problem.fields;
      if (nameErrors) setError("name", { message: nameErrors.join(" ") });
      if (originErrors) setError("origins", { message: originErrors.join(" ") });
      if (!nameErrors && !originErrors) setError("root", { message: problem.message });
    }
  });

  return (
    <form onSubmit={submit} noValidate className="flex max-w-xl flex-col gap-5">
      {errors.root?.message && (
        <ErrorMessage title="Nothing was saved" error={new Error(errors.root.message)} />
      )}
      {!isOwner && <p className="text-muted text-sm">{words.viewerCannot}</p>}
      <Field
        label="Name"
        hint="Candidates see it when they open their assessment."
        error={errors.name?.message}
      >
        {(control) => (
          <TextInput
            {...control}
            {...register("name", { validate: (text) => text.trim() !== "" || "Enter a name." })}
            maxLength={120}
            readOnly={!isOwner}
          />
        )}
      </Field>
      <Field
        label="Pages that may embed assessments"
        hint="One origin a line, such as https://jobs.example.com. Browsers refuse to show the widget anywhere else."
        error={errors.origins?.message}
      >
        {(control) => (
          <TextArea
            {...control}
            {...register("origins", { validate: (text) => originProblem(text) ?? true })}
            rows={5}
            spellCheck={false}
            readOnly={!isOwner}
            placeholder="https://jobs.example.com"
            className="font-mono"
          />
        )}
      </Field>
      {isOwner && (
        <Button type="submit" look="primary" busy={isSubmitting} disabled={!isDirty} className="self-start">
          Save
        </Button>
      )}
    </form>
  );
}
