// How the scoring goes, where it is not simply done: under way, partly done, or failed, and what to do about it.
import { CircleAlert, LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import type { AssessmentDetail } from "@/api/report";
import { useMay } from "@/api/use-session";
import { duration, instant, titled } from "@/format/format";
import { Button } from "@/ui/Button";
import { toast } from "@/ui/toasts";
import { useRescoreAssessment } from "../queries";

export function ScoringNote({ assessment }: { assessment: AssessmentDetail }) {
  const { scoring, scoring_state: state, result } = assessment;
  if (state === "pending" || state === "running") {
    return (
      <div role="status" className="flex items-center gap-3 rounded-lg bg-info-soft px-4 py-3">
        <LoaderCircle aria-hidden className="size-5 shrink-0 animate-spin text-info" />
        <div>
          <p className="font-medium text-info">
            {state === "pending" ? "Waiting to be scored" : "Being scored"}
            {state === "running" && scoring.started_at && <Elapsed since={scoring.started_at} />}
          </p>
          {scoring.tests && <p className="text-sm">{testsDone(scoring)}</p>}
          <p className="text-sm">
            {result
              ? "The score below is the earlier one. It stays until the new one is there."
              : scoring.tests
                ? "This page shows the score as soon as it is there."
                : "Tests run and evaluators read the session. This page shows the score as soon as it is there."}
          </p>
        </div>
      </div>
    );
  }
  if (state !== "failed" && state !== "partial") return null;
  const failed = state === "failed";
  return (
    <div
      role="status"
      className={`flex flex-wrap items-center gap-x-4 gap-y-3 rounded-lg px-4 py-3 ${failed ? "bg-danger-soft" : "bg-warning-soft"}`}
    >
      <CircleAlert aria-hidden className={`size-5 shrink-0 ${failed ? "text-danger" : "text-warning"}`} />
      <div className="min-w-0 flex-1">
        <p className={`font-medium ${failed ? "text-danger" : "text-warning"}`}>
          {failed ? "Scoring failed" : "Partly scored"}
        </p>
        <p className="text-sm">
          {scoring.reason_text ??
            (failed ? "No reason was given." : "An evaluator that should have answered did not.")}
        </p>
      </div>
      <ScoreAgain id={assessment.id} />
    </div>
  );
}

/** What is there already: hidden tests are done in seconds, a judge may read for minutes. */
function testsDone({ tests, evaluators }: AssessmentDetail["scoring"]): string {
  const done =
    tests && tests.total > 0
      ? `Tests are done: ${tests.passed} of ${tests.total} passed.`
      : "The hidden tests could not be run.";
  const waiting = evaluators.filter(({ state }) => state === "pending").map(({ name }) => titled(name));
  return waiting.length > 0 ? `${done} Still reading the session: ${waiting.join(", ")}.` : done;
}

function ScoreAgain({ id }: { id: string }) {
  const rescore = useRescoreAssessment(id);
  if (!useMay("recruiter")) return null;
  return (
    <Button
      size="small"
      busy={rescore.isPending}
      onClick={() =>
        rescore.mutate(undefined, { onError: (error) => toast.error("Scoring could not be started", error) })
      }
    >
      Score again
    </Button>
  );
}

function Elapsed({ since }: { since: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.floor((now - instant(since)) / 1000));
  // Announcing each second would drown everything else.
  return <span aria-hidden> for {seconds === 0 ? "a moment" : duration(seconds * 1000)}</span>;
}
