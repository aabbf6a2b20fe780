// Creating an assessment: a task, a candidate and the conditions, then on to the page with the invitation.

import { useRef, useState } from "react";
import { FormProvider, useForm } from "react-hook-form";
import { idempotencyKeys } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { NewAssessment } from "@/api/types";
import { useMay } from "@/api/use-session";
import { href, navigate } from "@/router/router";
import { Button, ButtonLink } from "@/ui/Button";
import { PageHeader } from "@/ui/layout";
import { Empty, ErrorMessage } from "@/ui/states";
import { toast } from "@/ui/toasts";
import { words } from "@/words";
import { nameOf } from "../parts";
import { useCreateAssessment } from "../queries";
import { AlreadyInvited } from "./AlreadyInvited";
import { CandidateFields } from "./CandidateFields";
import { ConditionFields } from "./ConditionFields";
import { type CreateForm, emptyForm, placeErrors, toRequest } from "./form";
import { TaskPicker } from "./TaskPicker";

const crumbs = [{ label: "Assessments", href: href("/assessments") }];

export default function CreateAssessmentPage() {
  const may = useMay("recruiter");
  return (
    <>
      <PageHeader title="Create assessment" crumbs={crumbs} />
      {may ? (
        <CreateAssessmentForm />
      ) : (
        <Empty title="You cannot create assessments">{words.viewerCannot}</Empty>
      )}
    </>
  );
}

export function CreateAssessmentForm() {
  // The library would focus in the order of registration, and the tasks arrive last: the page's own order is taken below.
  const form = useForm<CreateForm>({ defaultValues: emptyForm, shouldFocusError: false });
  const element = useRef<HTMLFormElement>(null);
  const create = useCreateAssessment();
  // Asking again sends what was refused, whatever stands in the form by then.
  const [refused, setRefused] = useState<{ body: NewAssessment; problem: Problem } | null>(null);
  const headersFor = useRef(idempotencyKeys());
  const { errors, isSubmitting } = form.formState;

  const focusFirstProblem = () =>
    requestAnimationFrame(() =>
      element.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid] input')?.focus(),
    );

  const send = async (body: NewAssessment) => {
    setRefused(null);
    try {
      const created = await create.mutateAsync({ body, headers: headersFor.current(body) });
      toast.success("Assessment created", `For ${nameOf(created.candidate)}`);
      navigate(href(`/assessments/${created.id}/invite`));
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === "already_invited") {
        setRefused({ body, problem });
        return;
      }
      const { placed, rest } = placeErrors(problem.fields);
      for (const [field, message] of placed) form.setError(field, { message });
      if (placed.length === 0 || rest.length > 0) {
        form.setError("root", { message: rest.join(" ") || problem.message });
      }
      focusFirstProblem();
    }
  };
  const submit = form.handleSubmit((values) => send(toRequest(values)), focusFirstProblem);

  return (
    <FormProvider {...form}>
      <form ref={element} onSubmit={submit} noValidate className="flex flex-col gap-10">
        <TaskPicker />
        <CandidateFields />
        <ConditionFields />
        <div className="flex flex-col gap-4 border-line border-t pt-5">
          {refused && (
            <AlreadyInvited
              problem={refused.problem}
              busy={create.isPending}
              onAgain={() => send({ ...refused.body, again: true })}
            />
          )}
          {errors.root?.message && (
            <ErrorMessage error={new Error(errors.root.message)} title="The assessment was not created" />
          )}
          <div className="flex flex-wrap justify-end gap-2">
            <ButtonLink href={href("/assessments")}>Back to the list</ButtonLink>
            <Button type="submit" look="primary" busy={isSubmitting}>
              Create assessment
            </Button>
          </div>
        </div>
      </form>
    </FormProvider>
  );
}
