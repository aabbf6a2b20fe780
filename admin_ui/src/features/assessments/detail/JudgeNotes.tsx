// How the judging went: why nobody judged, what of an answer did not hold, what was not shown, and what it cost.
import type { AssessmentDetail, RequestsCost } from "@/api/report";
import { count, plural, titled } from "@/format/format";
import { Panel, Section } from "@/ui/layout";

type Evaluator = AssessmentDetail["scoring"]["evaluators"][number];
type Cost = AssessmentDetail["cost"]["judge"];

const WITHOUT_EVIDENCE = "values that nothing bears out";
const DROPPED: Record<string, string> = {
  quote_not_found: "quoted text that is not in the session",
  quote_too_long: "quotes that were too long",
  unknown_prompt: "pointed at a prompt that does not exist",
  unknown_line: "pointed at a line that does not exist",
  unknown_event: "pointed at an event that does not exist",
  out_of_scale: "values outside 0 to 10",
  no_evidence: WITHOUT_EVIDENCE,
  value_without_evidence: WITHOUT_EVIDENCE,
  too_little_quoted: "values with too little quoted for them",
  not_answered: "signals that the answer leaves out",
  unknown_fraud: "signs of fraud of no known kind, or in what the assistant wrote",
};

/** Counts of what did not hold; kinds that read the same to a person are one. */
function inWords(dropped: Record<string, number>): string {
  const counts = new Map<string, number>();
  for (const [kind, many] of Object.entries(dropped)) {
    const words = DROPPED[kind] ?? titled(kind).toLowerCase();
    counts.set(words, (counts.get(words) ?? 0) + many);
  }
  return [...counts].map(([words, many]) => `${count(many)} × ${words}`).join("; ");
}

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
              <p className="mt-1 text-muted">Not counted, because it did not hold: {inWords(dropped)}.</p>
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
          <div className="text-muted">
            <Requests about="The session" cost={cost.session} />
            <Requests about="The warm-up" cost={cost.warm_up} />
          </div>
        )}
      </Panel>
    </Section>
  );
}

function Requests({ about, cost }: { about: string; cost: RequestsCost }) {
  if (cost.requests === 0) return null;
  const spent =
    cost.spent === null
      ? ""
      : `, ${cost.requests_without_cost > 0 ? "at least " : ""}$${Number(cost.spent).toFixed(4)}`;
  return (
    <p>
      {about}: {plural(cost.requests, "request")} to a model, {count(cost.input_tokens)} tokens read and{" "}
      {count(cost.output_tokens)} written{spent}.
    </p>
  );
}
