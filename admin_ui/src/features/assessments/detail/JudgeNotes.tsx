// How the judging went: why nobody judged, what of an answer did not hold, what was not shown, and what it cost.
import type { AssessmentDetail } from "@/api/types";
import { count, plural, titled } from "@/format/format";
import { Panel, Section } from "@/ui/layout";

type Evaluator = AssessmentDetail["scoring"]["evaluators"][number];
type Cost = AssessmentDetail["cost"]["judge"];

const DROPPED: Record<string, string> = {
  quote_not_found: "quoted text that is not in the session",
  quote_too_long: "quotes that were too long",
  unknown_prompt: "pointed at a prompt that does not exist",
  unknown_line: "pointed at a line that does not exist",
  out_of_scale: "values outside 0 to 10",
  no_evidence: "values that nothing bears out",
  value_without_evidence: "values that nothing bears out",
};

export function JudgeNotes({ evaluators, cost }: { evaluators: Evaluator[]; cost: Cost }) {
  const told = evaluators.filter(
    ({ reason, dropped, left_out }) => reason || left_out.length > 0 || Object.keys(dropped).length > 0,
  );
  if (told.length === 0 && cost.requests === 0) return null;
  return (
    <Section title="About the judging" className="mt-10">
      <Panel className="flex flex-col gap-4 p-4 text-sm">
        {told.map(({ name, reason, dropped, left_out }) => (
          <div key={name}>
            <h3 className="font-medium">{titled(name)}</h3>
            {reason && <p className="mt-1">No values: {reason}</p>}
            {Object.keys(dropped).length > 0 && (
              <p className="mt-1 text-muted">
                Not counted, because it did not hold:{" "}
                {Object.entries(dropped)
                  .map(([kind, many]) => `${count(many)} × ${DROPPED[kind] ?? titled(kind).toLowerCase()}`)
                  .join("; ")}
                .
              </p>
            )}
            {left_out.length > 0 && (
              <ul className="mt-1 list-disc pl-5 text-muted">
                {left_out.map((sentence) => (
                  <li key={sentence}>{sentence}</li>
                ))}
              </ul>
            )}
          </div>
        ))}
        {cost.requests > 0 && (
          <p className="text-muted">
            {plural(cost.requests, "request")} to a model, {count(cost.input_tokens)} tokens read and{" "}
            {count(cost.output_tokens)} written
            {cost.spent !== null &&
              `, ${cost.requests_without_cost > 0 ? "at least " : ""}$${Number(cost.spent).toFixed(4)}`}
            .
          </p>
        )}
      </Panel>
    </Section>
  );
}
