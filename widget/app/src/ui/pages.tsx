// The screens around the work: opening, handing in, done, and each way in which there is nothing to do here.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "../core/api";
import type { Attempt } from "../core/attempt";
import type { Session } from "../core/contract";
import { words } from "../words";
import { dateTime, explain } from "./format";
import { CheckIcon, TallyMark } from "./icons";

interface PageProps {
  title: string;
  children?: ComponentChildren;
  figure?: ComponentChildren;
  tone?: "quiet" | "success";
}

/** One message in the middle of the page. Its heading takes the focus, so that a screen reader says what changed. */
function Page({ title, children, figure, tone = "quiet" }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title;
    // In somebody else's page the keyboard may be elsewhere: only move it within ours.
    if (document.hasFocus()) heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <main class="page" data-tone={tone}>
      <div class="page-figure">{figure ?? <TallyMark size={28} />}</div>
      <h1 tabIndex={-1} ref={heading}>
        {title}
      </h1>
      {children}
    </main>
  );
}

export function Opening() {
  return (
    <main class="opening" aria-busy="true">
      <h1 class="visually-hidden">{words.loading}</h1>
      <div class="bone bone-eyebrow" />
      <div class="bone bone-title" />
      <div class="bone bone-line" />
      <div class="bone bone-line bone-short" />
      <div class="bone bone-card" />
    </main>
  );
}

interface SubmittingProps {
  because: "candidate" | "deadline";
  attempt: Attempt;
  onBack: () => void;
}

export function Submitting({ because, attempt, onBack }: SubmittingProps) {
  const stuck = attempt.recorder.saving.value.state === "waiting" || attempt.offline.value;
  return (
    <Page
      title={because === "deadline" ? words.submit.timeUp : words.submit.sending}
      figure={<div class="spinner" aria-hidden="true" />}
    >
      <p role="status">{stuck ? words.submit.waiting : words.submit.keepOpen}</p>
      {stuck && because === "candidate" && (
        <button type="button" class="button" onClick={onBack}>
          {words.submit.back}
        </button>
      )}
    </Page>
  );
}

export function Done({ session }: { session: Session }) {
  const { organization, attempt, candidate } = session;
  const say = attempt.submitted_by === "deadline" ? words.done.byDeadline : words.done.byCandidate;
  return (
    <Page title={words.done.title} tone="success" figure={<CheckIcon size={28} />}>
      {attempt.submitted_at && <p>{say(organization.name, dateTime(attempt.submitted_at))}</p>}
      <p>{words.done.next(organization.name)}</p>
      <p class="muted">{words.done.thanks(candidate.full_name)}</p>
    </Page>
  );
}

export function Closed({ because }: { because: "expired" | "cancelled" }) {
  return (
    <Page title={words.closed[because]}>
      <p>{because === "expired" ? words.closed.expiredBody : words.closed.cancelledBody}</p>
    </Page>
  );
}

interface ReopenProps {
  problem: unknown;
  framed: boolean;
  onRetry: () => void;
}

export function Reopen({ problem, framed, onRetry }: ReopenProps) {
  const missing = problem instanceof ApiError && problem.code === "token_missing";
  return (
    <Page title={words.reopen.title}>
      <p>{framed ? words.reopen.framed : missing ? words.reopen.missing : words.reopen.direct}</p>
      <button type="button" class="button" onClick={onRetry}>
        {words.reopen.retry}
      </button>
    </Page>
  );
}

export function TakenOver({ busy, onTakeOver }: { busy: boolean; onTakeOver: () => void }) {
  return (
    <Page title={words.takenOver.title}>
      <p>{words.takenOver.body}</p>
      <button type="button" class="button" disabled={busy} onClick={onTakeOver}>
        {busy ? words.takenOver.busy : words.takenOver.here}
      </button>
    </Page>
  );
}

export function Failed({ problem, onRetry }: { problem: unknown; onRetry: () => void }) {
  return (
    <Page title={words.failed.title}>
      <p>{explain(problem)}</p>
      <button type="button" class="button button-primary" onClick={onRetry}>
        {words.failed.retry}
      </button>
    </Page>
  );
}
