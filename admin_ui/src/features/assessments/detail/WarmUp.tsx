// The warm-up before the clock: its value beside the organisation's average, and what was said in it.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { AssessmentDetail, CalibrationAverage, CalibrationTaken } from "@/api/report";
import { at, oneDigit, plural, UNKNOWN } from "@/format/format";
import { Badge } from "@/ui/Badge";
import { Bar } from "@/ui/charts";
import { Panel, Section } from "@/ui/layout";
import { Markdown } from "@/ui/Markdown";
import { Loaded } from "@/ui/states";
import { calibrationAverage, calibrationTaken } from "../queries";

const SCALE = [0, 10] as const;

export function WarmUp({ assessment }: { assessment: AssessmentDetail }) {
  const { calibration_score: score, unmeasured } = assessment;
  const average = useQuery({ ...calibrationAverage(), enabled: assessment.calibration });
  const taken = useQuery({ ...calibrationTaken(assessment.id), enabled: assessment.calibration });
  const [open, setOpen] = useState(false);
  if (!assessment.calibration) return null;
  return (
    <Section
      title="Warm-up"
      description="One small exercise with the assistant before the clock started. It is kept apart from the work, and moves no score."
    >
      <Panel className="flex flex-col gap-4 p-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <div className="flex flex-col gap-1.5">
            <p className="text-muted text-sm">This candidate</p>
            <p>
              <span className="font-semibold text-xl tabular-nums">{oneDigit(score)}</span>
              {score !== null && <span className="text-muted text-sm"> of 10</span>}
            </p>
            <Bar value={score} range={SCALE} />
            {score === null && (
              <p className="text-muted text-sm">{unmeasured.calibration_score ?? UNKNOWN}</p>
            )}
          </div>
          {average.data && <Average average={average.data} />}
        </div>
        {(taken.isError || (taken.data?.turns.length ?? 0) > 0) && (
          <details onToggle={(event) => setOpen(event.currentTarget.open)}>
            <summary className="rounded-sm py-1 text-muted text-sm hover:text-ink">Read the warm-up</summary>
            {open && <Conversation assessmentId={assessment.id} />}
          </details>
        )}
      </Panel>
    </Section>
  );
}

function Average({ average }: { average: CalibrationAverage }) {
  return (
    <div className="flex flex-col gap-1.5">
      <p className="text-muted text-sm">Average of your candidates</p>
      <p>
        <span className="font-semibold text-xl tabular-nums">{oneDigit(average.average)}</span>{" "}
        <span className="text-muted text-sm">
          {average.candidates === 0
            ? "nobody was judged yet"
            : `over ${plural(average.candidates, "candidate")}`}
        </span>
      </p>
      <Bar value={average.average} range={SCALE} tone="neutral" />
      {average.candidates > 1 && (
        <p className="text-muted text-xs">
          {average.distribution
            .filter(({ candidates }) => candidates > 0)
            .map(({ low, high, candidates }) => `${low} to ${high}: ${candidates}`)
            .join(" · ")}
        </p>
      )}
    </div>
  );
}

function Conversation({ assessmentId }: { assessmentId: string }) {
  const query = useQuery(calibrationTaken(assessmentId));
  return (
    <Loaded query={query} errorTitle="The warm-up could not be loaded">
      {(taken) => <Said taken={taken} />}
    </Loaded>
  );
}

const UNFINISHED: Record<string, string> = {
  queued: "Waiting for the reply",
  running: "Reply on its way",
  interrupted: "The reply broke off",
  failed: "The assistant failed to reply",
  cancelled: "The reply was stopped",
};

function Said({ taken }: { taken: CalibrationTaken }) {
  return (
    <div className="flex flex-col gap-4 pt-2">
      <p className="text-muted text-sm">
        The exercise: <span className="text-ink">{taken.prompt}</span>
      </p>
      {taken.judged_because && <p className="text-sm">{taken.judged_because}</p>}
      {taken.evidence.length > 0 && (
        <ul aria-label="Evidence" className="flex flex-col gap-1.5">
          {taken.evidence.map((piece, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the evidence of one result keeps its order.
            <li key={index} className="text-sm">
              <q className="border-line-strong border-l-2 pl-2.5 text-muted [quotes:none]">{piece.quote}</q>{" "}
              <span className="text-muted text-xs">Message {piece.prompt_index}</span>
            </li>
          ))}
        </ul>
      )}
      <ol className="flex flex-col gap-3">
        {taken.turns.map((turn) => (
          <li key={turn.index} className="overflow-hidden rounded-md border border-line text-sm">
            <div className="flex flex-col gap-1 p-3">
              <p className="text-muted text-xs">
                Message {turn.index}, {at(turn.timestamp)}
              </p>
              <Markdown text={turn.message} />
            </div>
            <div className="bg-sunken p-3">
              <h3 className="sr-only">Assistant</h3>
              {UNFINISHED[turn.state] && (
                <p className="mb-2">
                  <Badge tone={turn.state === "failed" ? "danger" : "neutral"}>
                    {UNFINISHED[turn.state]}
                  </Badge>
                </p>
              )}
              {turn.response && <Markdown text={turn.response} />}
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}
