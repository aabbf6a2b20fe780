// What running the code brought: its output as it comes, the tests one by one, and the input it reads.
import { useEffect, useRef } from "preact/hooks";
import type { Attempt } from "../../core/attempt";
import { type Execution, isOver } from "../../core/contract";
import type { Run } from "../../core/runs";
import { words } from "../../words";
import { elapsed } from "../format";
import { CheckIcon, CrossIcon } from "../icons";
import type { Desk, Drawer } from "./desk";
import { Tabs } from "./tabs";

interface OutputPanelProps {
  attempt: Attempt;
  desk: Desk;
}

export function OutputPanel({ attempt, desk }: OutputPanelProps) {
  const drawer = desk.drawer.value;
  const { tests } = attempt.session.run;
  const ids: Drawer[] = tests ? ["output", "tests", "input"] : ["output", "input"];
  return (
    <>
      <Tabs
        class="drawer-tabs"
        label={words.work.output}
        tabs={ids.map((id) => ({
          id,
          label: words.run[id],
          controls: "drawer",
          badge: id === "tests" ? <TestBadge attempt={attempt} /> : undefined,
        }))}
        active={drawer}
        onSelect={(id) => {
          desk.drawer.value = id;
        }}
      />
      <div class="drawer" id="drawer" role="tabpanel" aria-label={words.run[drawer]}>
        {drawer === "output" && <OutputText attempt={attempt} />}
        {drawer === "tests" && <TestList attempt={attempt} />}
        {drawer === "input" && <StdinField attempt={attempt} desk={desk} />}
      </div>
    </>
  );
}

function TestBadge({ attempt }: { attempt: Attempt }) {
  const tests = attempt.runs.tested.value?.execution.tests;
  if (!tests) return null;
  const passed = tests.filter((test) => test.passed).length;
  return (
    <span class="badge" data-tone={passed === tests.length ? "success" : "danger"}>
      {passed}/{tests.length}
    </span>
  );
}

function OutputText({ attempt }: { attempt: Attempt }) {
  const run = attempt.runs.latest.value;
  const box = useRef<HTMLDivElement>(null);
  const pinned = useRef(true);
  // Follow the output while its end is in view; leave a reader who scrolled up alone.
  useEffect(() => {
    if (box.current && pinned.current) box.current.scrollTop = box.current.scrollHeight;
  }, [run?.output]);

  if (!run && attempt.runs.starting.value) return <p class="empty">{words.run.starting}</p>;
  if (!run) return <p class="empty">{words.run.empty}</p>;
  const over = isOver(run.execution.state);
  return (
    <div
      class="scroll output"
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard.
      tabIndex={0}
      role="log"
      aria-label={words.run.output}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        pinned.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
    >
      {run.output.length > 0 && (
        <pre>
          {run.output.map(({ stream, text }, place) => (
            // Pieces are only ever added at the end, so their place is their name.
            <span key={place} data-stream={stream}>
              {text}
            </span>
          ))}
        </pre>
      )}
      <p class="run-note" role="status">
        {over ? <RunEnd run={run} /> : words.run[run.execution.state === "queued" ? "queued" : "running"]}
      </p>
    </div>
  );
}

function RunEnd({ run: { execution, output } }: { run: Run }) {
  const lines: string[] = [];
  const problem = problemOf(execution);
  if (problem) lines.push(problem);
  else if (output.length === 0) lines.push(words.run.noOutput);
  if (execution.exit_code !== null) {
    const took = execution.duration_ms === null ? "" : ` ${words.run.took(elapsed(execution.duration_ms))}`;
    lines.push(words.run.exit(execution.exit_code) + took);
  }
  if (execution.truncated) lines.push(words.run.truncated);
  if (execution.limit_note) lines.push(execution.limit_note);
  return <span data-tone={problem || execution.exit_code ? "danger" : "quiet"}>{lines.join(" · ")}</span>;
}

function problemOf({ state, timed_out, error }: Execution): string | null {
  if (timed_out) return words.run.timedOut;
  if (state === "cancelled") return words.run.cancelled;
  if (state === "interrupted") return words.run.interrupted;
  if (state !== "failed") return null;
  if (typeof error === "string") return error;
  return error?.message || words.run.failed;
}

function TestList({ attempt }: { attempt: Attempt }) {
  const latest = attempt.runs.latest.value;
  const starting = attempt.runs.starting.value === "test";
  const running = latest?.execution.kind === "test" && !isOver(latest.execution.state);
  if (starting || running) {
    return (
      <div class="scroll output" role="log" aria-label={words.run.tests}>
        {latest && running && <pre>{latest.output.map(({ text }) => text)}</pre>}
        <p class="run-note" role="status">
          {latest?.execution.state === "queued" ? words.run.queued : words.run.running}
        </p>
      </div>
    );
  }
  const run = attempt.runs.tested.value;
  if (!run) return <p class="empty">{words.run.emptyTests}</p>;
  const tests = run.execution.tests ?? [];
  const passed = tests.filter((test) => test.passed).length;
  const stale = run.revision !== null && attempt.workspace.revision.value > run.revision;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard.
    <div class="scroll tests" tabIndex={0}>
      <p class="tests-sum" role="status">
        {tests.length > 0 && <strong>{words.run.passed(passed, tests.length)}</strong>}
        {tests.length === 0 && (problemOf(run.execution) ?? words.run.failed)}
        {run.execution.duration_ms !== null && (
          <span class="muted"> {words.run.took(elapsed(run.execution.duration_ms))}</span>
        )}
        {stale && <span class="muted"> {words.run.stale}</span>}
      </p>
      {tests.length === 0 && <pre>{run.output.map(({ text }) => text)}</pre>}
      <ul>
        {tests.map((test) => (
          <li key={test.name} data-passed={test.passed}>
            {test.passed ? <CheckIcon /> : <CrossIcon />}
            <div>
              <span class="test-name">
                {test.name}
                <span class="visually-hidden">
                  {" "}
                  {test.passed ? words.run.testPassed : words.run.testFailed}
                </span>
              </span>
              {!test.passed && test.message && <pre>{test.message}</pre>}
            </div>
            {test.duration_ms !== null && <span class="muted small">{elapsed(test.duration_ms)}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function StdinField({ attempt, desk }: OutputPanelProps) {
  return (
    <div class="stdin">
      <label for="stdin">{words.run.inputHint}</label>
      <textarea
        id="stdin"
        spellcheck={false}
        maxLength={attempt.session.limits.stdin_bytes}
        value={desk.stdin.value}
        onInput={(event) => {
          desk.stdin.value = event.currentTarget.value;
        }}
      />
    </div>
  );
}
