// Asks once more before the work is handed in, with what is worth knowing at that moment.
import type { Attempt } from "../../core/attempt";
import type { Clock } from "../../core/clock";
import { words } from "../../words";
import { duration } from "../format";
import { Dialog } from "./dialog";

interface SubmitDialogProps {
  attempt: Attempt;
  clock: Clock;
  onConfirm: () => void;
  onCancel: () => void;
}

export function SubmitDialog({ attempt, clock, onConfirm, onCancel }: SubmitDialogProps) {
  const left = clock.secondsLeft.value ?? 0;
  return (
    <Dialog
      title={words.submit.title}
      confirm={words.submit.confirm}
      onConfirm={onConfirm}
      onCancel={onCancel}
    >
      <ul class="submit-facts">
        {attempt.session.run.tests && <li>{testFact(attempt)}</li>}
        <li>{words.submit.timeLeft(duration(left))}</li>
        <li>{words.submit.body}</li>
      </ul>
    </Dialog>
  );
}

function testFact(attempt: Attempt): string {
  const run = attempt.runs.tested.value;
  const tests = run?.execution.tests;
  if (!run || !tests) return words.submit.neverTested;
  if (run.revision !== null && attempt.workspace.revision.value > run.revision)
    return words.submit.staleTests;
  return words.submit.lastTests(tests.filter(({ passed }) => passed).length, tests.length);
}
