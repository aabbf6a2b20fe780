// The score, and in the same breath how much of the weight it stands on and what it may be compared with.
import type { AssessmentDetail, Result } from "@/api/report";
import { percent, score } from "@/format/format";
import { PartsBar } from "@/ui/charts";
import { Disclosure, Panel } from "@/ui/layout";

interface ScoreCardProps {
  result: Result;
  overrides: AssessmentDetail["overrides"];
}

export function ScoreCard({ result, overrides }: ScoreCardProps) {
  const override = overrides.find(({ withdrawn_at }) => withdrawn_at === null);
  const { components, coverage, coverage_note } = result;
  return (
    <section aria-label="Score">
      <Panel className="p-5">
        <div className="flex flex-wrap items-end gap-x-5 gap-y-2">
          <p className="font-semibold text-5xl tracking-tight tabular-nums">
            {score(result.score)}
            <span className="ml-1.5 font-normal text-base text-muted tracking-normal">of 100</span>
          </p>
          <p className="max-w-prose flex-1 basis-64 text-sm">
            {coverage_note ?? coverageSentence(result.score, coverage)}
          </p>
        </div>
        {override && (
          <p className="mt-4 max-w-prose text-sm">
            <strong>{override.author}</strong> put {score(override.value)} in its place, which is the score
            that counts: {override.reason}
          </p>
        )}
        <div className="mt-5">
          <PartsBar
            tall
            label="Each component as wide as its weight and filled as far as its value; the table below has the numbers."
            parts={components.map((component) => ({
              name: component.name,
              caption: component.title,
              title: `${component.title}: ${component.value === null ? "no value" : `${score(component.value)} of 10`}`,
              share: component.weight,
              filled: component.value === null ? null : component.value / 10,
            }))}
          />
          <p className="mt-1.5 text-muted text-xs">
            Width is weight, height is value. Hatched parts have no value and do not count.
          </p>
        </div>
        <Disclosure summary="What the score means" className="mt-3">
          <p className="max-w-prose text-sm">
            It is the weighted mean of the components below that have a value, from 0 to 100. Compare it only
            with scores of the same task, weights and coverage. It is made to prepare a conversation with the
            candidate: each value points at the moments it comes from, and no score or flag decides about
            anybody.
          </p>
        </Disclosure>
      </Panel>
    </section>
  );
}

function coverageSentence(value: number | null, coverage: number | null) {
  if (value === null)
    return "There is no score, since no component has a value. The reasons are given below.";
  if (coverage === null) return "How much of the weight this score covers is not known.";
  if (coverage >= 1) return "Every component has a value, so the score covers all of the weight.";
  return `The score covers ${percent(coverage)} of the weight; the rest has no value, for the reasons given below.`;
}
