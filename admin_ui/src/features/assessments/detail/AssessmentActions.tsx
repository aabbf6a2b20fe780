// What can be done with an assessment, each action only where its state and the reader's role allow it.

import { Ban, Ellipsis, RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import type { AssessmentDetail } from "@/api/report";
import { useMay } from "@/api/use-session";
import { href, navigate } from "@/router/router";
import { IconButton } from "@/ui/Button";
import { CopyButton } from "@/ui/copy";
import { ConfirmDialog } from "@/ui/Dialog";
import { Menu, type MenuAction } from "@/ui/Menu";
import { toast } from "@/ui/toasts";
import { nameOf } from "../parts";
import { useCancelAssessment, useDeleteAssessment, useRescoreAssessment } from "../queries";

const isScoring = ({ scoring_state }: AssessmentDetail) =>
  scoring_state === "pending" || scoring_state === "running";

export function AssessmentActions({ assessment }: { assessment: AssessmentDetail }) {
  const { id, state, candidate } = assessment;
  const mayChange = useMay("recruiter");
  const [asking, setAsking] = useState<"cancel" | "delete" | null>(null);
  const cancel = useCancelAssessment(id);
  const remove = useDeleteAssessment(id);
  const rescore = useRescoreAssessment(id);
  if (!mayChange) return null;

  const actions: MenuAction[] = [];
  if (state === "completed" && !isScoring(assessment)) {
    actions.push({
      label: "Score again",
      icon: <RotateCw aria-hidden />,
      onSelect: () =>
        rescore.mutate(undefined, {
          onSuccess: () =>
            toast.success("Scoring again", "The present score stays until the new one is there."),
          onError: (error) => toast.error("Scoring could not be started", error),
        }),
    });
  }
  if (state === "invited") {
    actions.push({ label: "Cancel…", icon: <Ban aria-hidden />, onSelect: () => ask("cancel") });
  }
  actions.push({
    label: "Delete…",
    icon: <Trash2 aria-hidden />,
    danger: true,
    onSelect: () => ask("delete"),
  });

  function ask(what: "cancel" | "delete") {
    cancel.reset();
    remove.reset();
    setAsking(what);
  }

  const close = (open: boolean) => {
    if (!open) setAsking(null);
  };

  return (
    <>
      {state === "invited" && assessment.invitation_url && (
        <CopyButton text={assessment.invitation_url} what="Invitation link" label="Copy link" size="medium" />
      )}
      <Menu
        actions={actions}
        trigger={
          <IconButton look="secondary" label="More actions">
            <Ellipsis aria-hidden />
          </IconButton>
        }
      />
      <ConfirmDialog
        open={asking === "cancel"}
        onOpenChange={close}
        title="Cancel this assessment?"
        confirm="Cancel the assessment"
        busy={cancel.isPending}
        error={cancel.error}
        onConfirm={() =>
          cancel.mutate(undefined, {
            onSuccess: () => {
              setAsking(null);
              toast.success("Assessment cancelled");
            },
          })
        }
      >
        The link that {nameOf(candidate)} has will stop working. This cannot be undone, but you can create a
        new assessment.
      </ConfirmDialog>
      <ConfirmDialog
        open={asking === "delete"}
        onOpenChange={close}
        title="Delete this assessment?"
        confirm="Delete for good"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => {
              toast.success("Assessment deleted");
              navigate(href("/assessments"), { replace: true });
            },
          })
        }
      >
        The code, the conversation, the score and everything recorded about {nameOf(candidate)}’s attempt are
        erased. This cannot be undone.
      </ConfirmDialog>
    </>
  );
}
