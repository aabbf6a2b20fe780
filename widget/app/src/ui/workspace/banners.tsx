// One line for what needs to be known now: no connection, a refused step, edits that came too late.
import type { Attempt } from "../../core/attempt";
import { words } from "../../words";
import { explain } from "../format";
import { CloseIcon, InfoIcon } from "../icons";
import type { Desk } from "./desk";

interface BannersProps {
  attempt: Attempt;
  desk: Desk;
  problem: unknown;
  lostEdits: boolean;
  onDismiss: () => void;
}

export function Banners({ attempt, desk, problem, lostEdits, onDismiss }: BannersProps) {
  const saving = attempt.recorder.saving.value;
  const offline = attempt.offline.value || (saving.state === "waiting" && saving.because === "offline");
  const paused = attempt.paused.value;
  const refusal = desk.refusal.value;
  return (
    <div class="banners" role="status">
      {paused && (
        <Banner tone="info">
          <strong>{words.work.pausedTitle}</strong> {words.work.paused}
        </Banner>
      )}
      {offline && (
        <Banner tone="warning">
          <strong>{words.work.offlineTitle}</strong>{" "}
          {attempt.lasting ? words.work.offline : words.work.offlineMemory}
        </Banner>
      )}
      {!offline && !paused && saving.state === "waiting" && (
        <Banner tone="warning">
          {saving.because === "full" ? words.work.recordingFull : words.work.serverWaiting}
        </Banner>
      )}
      {problem !== null && (
        <Banner tone="danger" onDismiss={onDismiss}>
          {explain(problem)}
        </Banner>
      )}
      {lostEdits && (
        <Banner tone="warning" onDismiss={onDismiss}>
          {words.work.lostEdits}
        </Banner>
      )}
      {refusal && (
        <Banner
          tone="info"
          onDismiss={() => {
            desk.refusal.value = null;
          }}
        >
          {refusal}
        </Banner>
      )}
    </div>
  );
}

interface BannerProps {
  tone: "info" | "warning" | "danger";
  children: preact.ComponentChildren;
  onDismiss?: () => void;
}

function Banner({ tone, children, onDismiss }: BannerProps) {
  return (
    <div class="banner" data-tone={tone}>
      <InfoIcon />
      <span>{children}</span>
      {onDismiss && (
        <button type="button" class="icon-button" aria-label={words.work.dismiss} onClick={onDismiss}>
          <CloseIcon />
        </button>
      )}
    </div>
  );
}
