// The overview: where the assessment stands and, once there is a score, what it is made of and what stands out.

import type { AssessmentDetail } from "@/api/report";
import { ago, at, between, dollars, minutes, plural, titled } from "@/format/format";
import { href } from "@/router/router";
import { ButtonLink } from "@/ui/Button";
import { CopyField } from "@/ui/copy";
import { Disclosure, Facts, Panel, Section } from "@/ui/layout";
import { nameOf } from "../parts";
import type { TabProps } from "./AssessmentPage";
import { ComponentsTable } from "./ComponentsTable";
import { Highlights } from "./Highlights";
import { IntegrityFacts } from "./IntegrityFacts";
import { ScoreCard } from "./ScoreCard";
import { ScoringNote } from "./ScoringNote";
import { TestsSummary } from "./TestsSummary";
import { WarmUp } from "./WarmUp";

export default function OverviewTab({ assessment }: TabProps) {
  const { result } = assessment;
  return (
    <div className="grid gap-x-10 gap-y-10 lg:grid-cols-[minmax(0,1fr)_18rem]">
      <div className="flex min-w-0 flex-col gap-10">
        <ScoringNote assessment={assessment} />
        {result ? (
          <>
            <ScoreCard result={result} overrides={assessment.overrides} />
            <ComponentsTable components={result.components} coverage={result.coverage} />
            <Highlights assessmentId={assessment.id} result={result} />
            <TestsSummary assessmentId={assessment.id} tests={result.tests} />
          </>
        ) : (
          <BeforeScore assessment={assessment} />
        )}
        {assessment.started_at && <WarmUp assessment={assessment} />}
        {assessment.started_at && <IntegrityFacts assessment={assessment} />}
      </div>
      <aside aria-label="About this assessment" className="flex flex-col gap-8">
        <About assessment={assessment} />
        {result && (
          <Disclosure summary="How this score was made">
            <Facts
              facts={[
                ["Scored", at(result.scored_at)],
                ...result.lineage.evaluators.map(({ name, version }): [string, string] => [name, version]),
                ["Weights", <Fingerprint key="weights" text={result.weights_hash} />],
                ["Inputs", <Fingerprint key="inputs" text={result.lineage.inputs_hash} />],
              ]}
            />
            <p className="mt-3 text-muted text-xs">
              The same inputs, evaluators and weights give the same score. A new scoring adds a score and
              keeps this one on record.
            </p>
          </Disclosure>
        )}
      </aside>
    </div>
  );
}

const Fingerprint = ({ text }: { text: string | null }) => (
  <span className="font-mono text-xs" title={text ?? undefined}>
    {text ? text.slice(0, 12) : "--"}
  </span>
);

function About({ assessment }: { assessment: AssessmentDetail }) {
  const { state } = assessment;
  const facts: [string, React.ReactNode][] = [
    ["Created", at(assessment.created_at)],
    ["By", assessment.created_by?.full_name ?? "--"],
    ["Started", at(assessment.started_at)],
    ["Submitted", at(assessment.submitted_at)],
    ["Time taken", between(assessment.started_at, assessment.submitted_at)],
    ["Time allowed", allowed(assessment)],
  ];
  if (assessment.paused_at) facts.push(["Paused", ago(assessment.paused_at)]);
  if (assessment.decision) facts.push(["Decision", titled(assessment.decision)]);
  if (state === "invited") facts.push(["Link ends", at(assessment.expires_at)]);
  if (state === "in_progress") facts.push(["Deadline", at(assessment.deadline)]);
  facts.push(["Proctored", assessment.proctored ? "Yes" : "No"]);
  if (assessment.cost.assistant.replies > 0)
    facts.push(["Assistant cost", <Cost key="cost" {...assessment.cost} />]);
  return (
    <section aria-label="Facts">
      <Facts facts={facts} />
    </section>
  );
}

/** Some replies have no price: one that was stopped, or of an assistant that costs nothing. */
function Cost({ assistant: { spent, replies, replies_without_cost: unknown } }: AssessmentDetail["cost"]) {
  return (
    <>
      {dollars(spent)}
      {spent !== null && unknown > 0 && (
        <span className="text-muted"> or more: {plural(unknown, "reply", "replies")} without a price</span>
      )}
      <span className="text-muted"> for {plural(replies, "reply", "replies")}</span>
    </>
  );
}

/** With what an accommodation added, told apart. */
function allowed({ duration_minutes, working_seconds }: AssessmentDetail) {
  const working = Math.round(working_seconds / 60);
  return working === duration_minutes
    ? minutes(duration_minutes)
    : `${minutes(working)} (${minutes(duration_minutes)} and extra time)`;
}

/** What to say while there is no score: who has to do what next. */
function BeforeScore({ assessment }: { assessment: AssessmentDetail }) {
  const name = nameOf(assessment.candidate);
  switch (assessment.state) {
    case "invited":
      return (
        <Section title={`Waiting for ${name} to start`}>
          <Panel className="flex flex-col gap-4 p-4">
            <p className="text-sm">
              The link works until {at(assessment.expires_at)}. The clock starts when {name} presses Start,
              not when the link is opened.
            </p>
            {assessment.invitation_url && (
              <CopyField text={assessment.invitation_url} what="Invitation link" />
            )}
            <ButtonLink href={href(`/assessments/${assessment.id}/invite`)} className="self-start">
              E-mail text, embed code and API call
            </ButtonLink>
          </Panel>
        </Section>
      );
    case "in_progress":
      return (
        <Section title={`${name} is working now`}>
          <Panel className="p-4 text-sm">
            Started {ago(assessment.started_at)}; the time ends at {at(assessment.deadline)}, when the work is
            submitted as it then is. Prompts, code and events can be read in their tabs while it goes on.
          </Panel>
        </Section>
      );
    case "expired":
      return (
        <Section title="The invitation has expired">
          <Panel className="p-4 text-sm">
            {name} did not start before {at(assessment.expires_at)}. To give another chance, create a new
            assessment.
          </Panel>
        </Section>
      );
    case "cancelled":
      return (
        <Section title="The assessment was cancelled">
          <Panel className="p-4 text-sm">The link no longer works. Nothing was recorded.</Panel>
        </Section>
      );
    default:
      return null;
  }
}
