// Somebody has an open invitation to this task: the way to it, and the way to another one.
import type { Problem } from "@/api/problem";
import { href } from "@/router/router";
import { Button, ButtonLink } from "@/ui/Button";
import { ErrorMessage } from "@/ui/states";

export function AlreadyInvited({
  problem,
  busy,
  onAgain,
}: {
  problem: Problem;
  busy: boolean;
  onAgain(): void;
}) {
  return (
    <ErrorMessage error={problem} title="The assessment was not created">
      {problem.assessmentId && (
        <ButtonLink size="small" href={href(`/assessments/${problem.assessmentId}`)}>
          See the open one
        </ButtonLink>
      )}
      <Button size="small" busy={busy} onClick={onAgain}>
        Invite again
      </Button>
    </ErrorMessage>
  );
}
