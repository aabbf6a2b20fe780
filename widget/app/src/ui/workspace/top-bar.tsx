// The line on top: what this is, whether it is saved, how much time is left, and the way out.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Attempt } from "../../core/attempt";
import type { Clock } from "../../core/clock";
import { words } from "../../words";
import { ago, countdown } from "../format";
import { TallyMark } from "../icons";

interface TopBarProps {
  attempt: Attempt;
  clock: Clock;
  onSubmit: () => void;
}

export function TopBar({ attempt, clock, onSubmit }: TopBarProps) {
  const { task, organization } = attempt.session;
  return (
    <header class="top-bar">
      <TallyMark size={20} />
      <h1 class="task-title">{task.title}</h1>
      <span class="organization">{organization.name}</span>
      <span class="stretch" />
      <SaveState attempt={attempt} />
      <Timer clock={clock} />
      <button type="button" class="button button-primary" disabled={attempt.paused.value} onClick={onSubmit}>
        {words.work.submit}
      </button>
    </header>
  );
}

const JUST_NOW_MS = 3_000;

function SaveState({ attempt }: { attempt: Attempt }) {
  const saving = attempt.recorder.saving.value;
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 5_000);
    return () => clearInterval(timer);
  }, []);

  const text =
    saving.state === "saving"
      ? words.work.saving
      : saving.state === "waiting"
        ? words.work.waiting
        : saving.at === null || Date.now() - saving.at < JUST_NOW_MS
          ? words.work.saved
          : words.work.savedAgo(ago(Date.now() - saving.at));
  return (
    <span class="save-state" data-state={saving.state}>
      <span class="dot" aria-hidden="true" />
      <span class="save-text">{text}</span>
    </span>
  );
}

const WARN_AT_MINUTES = [10, 2];

function Timer({ clock }: { clock: Clock }) {
  const left = clock.secondsLeft.value;
  const said = useRef(new Set<number>());
  const [warning, setWarning] = useState("");

  useEffect(() => {
    if (left === null) return;
    const minutes = WARN_AT_MINUTES.findLast((mark) => left <= mark * 60 && left > mark * 60 - 20);
    if (minutes === undefined || said.current.has(minutes)) return;
    said.current.add(minutes);
    setWarning(words.work.timeWarning(minutes));
  }, [left]);

  if (left === null) return null;
  const level = left <= 120 ? "urgent" : left <= 600 ? "soon" : "calm";
  return (
    <span class="timer" data-level={level}>
      <span role="timer" aria-label={words.work.timeLeft}>
        {countdown(left)}
      </span>
      <span class="visually-hidden" role="status">
        {warning}
      </span>
    </span>
  );
}
