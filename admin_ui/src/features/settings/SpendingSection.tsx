// What models cost this month, and how much they may.
import { useQuery } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { asProblem } from "@/api/problem";
import type { Spending } from "@/api/types";
import { useMay } from "@/api/use-session";
import { dollars, month } from "@/format/format";
import { Button } from "@/ui/Button";
import { Bar } from "@/ui/charts";
import { Field, TextInput } from "@/ui/Field";
import { Section } from "@/ui/layout";
import { ErrorMessage, Loaded } from "@/ui/states";
import { toast } from "@/ui/toasts";
import { spending, useSetCaps } from "./queries";

const NEARLY = 0.8;
const FIELDS = ["assessment_spend_cap", "monthly_spend_cap"] as const;

export function SpendingSection() {
  const query = useQuery(spending());
  return (
    <Section
      title="Spending"
      description="What the assistant and the judge cost, by the prices that their plugins are set up with."
      className="mt-10 max-w-xl"
    >
      <Loaded query={query} errorTitle="The spending could not be loaded">
        {(loaded) => (
          <div className="flex flex-col gap-6">
            <ThisMonth spending={loaded} />
            <CapsForm spending={loaded} />
          </div>
        )}
      </Loaded>
    </Section>
  );
}

function ThisMonth({ spending }: { spending: Spending }) {
  const { spent, monthly_spend_cap: cap } = spending;
  const share = cap === null ? null : Number(cap) === 0 ? 1 : Number(spent) / Number(cap);
  const reached = share !== null && share >= 1;
  return (
    <div className="flex flex-col gap-2">
      <p className="text-sm">
        <span className="font-semibold text-xl tabular-nums">{dollars(spent)}</span>{" "}
        <span className="text-muted">
          in {month(spending.month)}
          {cap === null ? ", with no cap" : ` of ${dollars(cap)}`}
        </span>
      </p>
      {share !== null && (
        <Bar value={share} tone={reached ? "danger" : share >= NEARLY ? "warning" : "accent"} />
      )}
      {reached && (
        <p role="status" className="text-danger text-sm">
          The cap is reached: assistants answer no more this month. Assessments go on without them, and what
          is handed in is judged all the same.
        </p>
      )}
    </div>
  );
}

function CapsForm({ spending }: { spending: Spending }) {
  const set = useSetCaps();
  const isOwner = useMay("owner");
  const { register, handleSubmit, setError, reset, formState } = useForm({ defaultValues: shown(spending) });
  const { errors, isSubmitting, isDirty } = formState;

  const submit = handleSubmit(async (entries) => {
    try {
      const saved = await set.mutateAsync({
        assessment_spend_cap: entries.assessment_spend_cap.trim() || null,
        monthly_spend_cap: entries.monthly_spend_cap.trim() || null,
      });
      reset(shown(saved));
      toast.success("Caps saved");
    } catch (error) {
      const problem = asProblem(error);
      for (const name of FIELDS) {
        const said = problem.fields[name];
        if (said) setError(name, { message: said.join(" ") });
      }
      if (!FIELDS.some((name) => problem.fields[name])) setError("root", { message: problem.message });
    }
  });

  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-5">
      {errors.root?.message && (
        <ErrorMessage title="Nothing was saved" error={new Error(errors.root.message)} />
      )}
      <Field
        label="Cap a month, in US dollars"
        optional
        hint="Over all assessments. Empty: no cap."
        error={errors.monthly_spend_cap?.message}
      >
        {(control) => (
          <TextInput
            {...control}
            {...register("monthly_spend_cap")}
            inputMode="decimal"
            placeholder="No cap"
            maxLength={10}
            readOnly={!isOwner}
          />
        )}
      </Field>
      <Field
        label="Cap an assessment, in US dollars"
        optional
        hint="For its assistant, the warm-up included. One that has reached it answers no more; the candidate goes on without it. Empty: no cap."
        error={errors.assessment_spend_cap?.message}
      >
        {(control) => (
          <TextInput
            {...control}
            {...register("assessment_spend_cap")}
            inputMode="decimal"
            placeholder="No cap"
            maxLength={10}
            readOnly={!isOwner}
          />
        )}
      </Field>
      {!spending.own_caps && (
        <p className="text-muted text-sm">These are the deployment’s. Saving makes them your own.</p>
      )}
      {isOwner && (
        <Button type="submit" busy={isSubmitting} disabled={!isDirty} className="self-start">
          Save caps
        </Button>
      )}
    </form>
  );
}

const shown = (caps: Spending) => ({
  assessment_spend_cap: caps.assessment_spend_cap ?? "",
  monthly_spend_cap: caps.monthly_spend_cap ?? "",
});
