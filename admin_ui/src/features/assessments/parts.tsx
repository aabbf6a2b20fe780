// Small parts that show an assessment's state and score, in the list and on its page alike.
import { Flag } from "lucide-react";
import type { AssessmentSummary, CandidateShown } from "@/api/types";
import { percent, plural, score, UNKNOWN } from "@/format/format";
import { Badge } from "@/ui/Badge";
import { Bar } from "@/ui/charts";
import { SCORING, STATUS, wordFor } from "@/words";

/** What to call a candidate: their name, or the alias that stands for it while the review is blind. */
export const nameOf = ({ full_name, alias }: CandidateShown) => full_name ?? alias ?? UNKNOWN;

type Shown = Pick<AssessmentSummary, "state" | "scoring_state">;

/** One chip for the state that matters most now: a completed assessment is described by how its scoring goes. */
export function StateChip({ assessment }: { assessment: Shown }) {
  const { state, scoring_state } = assessment;
  if (state === "completed" && scoring_state !== null && scoring_state !== "scored") {
    const { label, tone } = wordFor(SCORING, scoring_state);
    return (
      <Badge tone={tone} pulse={scoring_state === "running"}>
        {label}
      </Badge>
    );
  }
  const { label, tone } = wordFor(STATUS, state);
  return (
    <Badge tone={tone} pulse={state === "in_progress"}>
      {label}
    </Badge>
  );
}

export function FlagCount({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <Badge tone="warning">
      <Flag aria-hidden />
      {plural(count, "flag")}
    </Badge>
  );
}

/** A score never stands without the share of the weight it covers. */
export function ScoreCell({
  assessment,
}: {
  assessment: Pick<AssessmentSummary, "score" | "coverage" | "overridden">;
}) {
  const { score: value, coverage, overridden } = assessment;
  if (value === null) return <span className="text-muted">{UNKNOWN}</span>;
  return (
    <div className="flex min-w-32 items-center gap-3">
      <span className="w-12 shrink-0 text-right font-semibold tabular-nums">{score(value)}</span>
      <div className="w-24">
        <Bar value={value} range={[0, 100]} />
        <span className="text-muted text-xs whitespace-nowrap">
          {overridden
            ? "overridden"
            : coverage === null
              ? `coverage ${UNKNOWN}`
              : coverage >= 1
                ? "all weight"
                : `${percent(coverage)} of weight`}
        </span>
      </div>
    </div>
  );
}
