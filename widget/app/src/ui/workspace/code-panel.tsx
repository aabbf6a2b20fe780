// The code: files, open tabs, the editor, and the buttons that run it.
import { useEffect, useRef } from "preact/hooks";
import type { Attempt } from "../../core/attempt";
import { words } from "../../words";
import { explain } from "../format";
import { CloseIcon, FilesIcon, LockIcon, PlayIcon, StopIcon } from "../icons";
import type { Desk } from "./desk";
import { FileTree } from "./file-tree";
import { Tabs } from "./tabs";

const HINT_ID = "editor-hint";

interface CodePanelProps {
  attempt: Attempt;
  desk: Desk;
  nonce: string | undefined;
}

export function CodePanel({ attempt, desk, nonce }: CodePanelProps) {
  return (
    <>
      <div class="code-bar">
        <button
          type="button"
          class="icon-button"
          aria-label={words.files.toggle}
          aria-expanded={desk.treeShown.value}
          onClick={() => {
            desk.treeShown.value = !desk.treeShown.value;
          }}
        >
          <FilesIcon />
        </button>
        <OpenFiles attempt={attempt} desk={desk} />
        <RunButtons attempt={attempt} desk={desk} />
      </div>
      <div class="code-body">
        {desk.treeShown.value && <FileTree attempt={attempt} desk={desk} />}
        <CodeEditor desk={desk} nonce={nonce} />
      </div>
    </>
  );
}

function OpenFiles({ attempt, desk }: { attempt: Attempt; desk: Desk }) {
  const files = desk.open.value;
  const name = (path: string) => {
    const last = path.slice(path.lastIndexOf("/") + 1);
    const twins = files.filter((other) => other.slice(other.lastIndexOf("/") + 1) === last);
    return twins.length > 1 ? path : last;
  };
  return (
    <Tabs
      class="file-tabs"
      label={words.files.open}
      tabs={files.map((path) => ({
        id: path,
        label: name(path),
        controls: "editor",
        badge: attempt.workspace.isReadonly(path) ? (
          <span class="lock">
            <LockIcon />
            <span class="visually-hidden">, {words.files.readonly}</span>
          </span>
        ) : undefined,
      }))}
      active={desk.active.value}
      onSelect={(path) => desk.show(path)}
      onClose={(path) => desk.close(path)}
      closeButton={(path) => (
        // For the pointer only: a list of tabs may hold nothing but tabs, and the Delete key does the same.
        <button
          type="button"
          class="icon-button tab-close"
          tabIndex={-1}
          aria-hidden="true"
          title={words.files.close(path)}
          onClick={() => desk.close(path)}
        >
          <CloseIcon />
        </button>
      )}
    />
  );
}

function CodeEditor({ desk, nonce }: { desk: Desk; nonce: string | undefined }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return;
    desk.attach({
      parent: place.current,
      nonce,
      hintId: HINT_ID,
      label: words.files.editorLabel,
      onTooLarge: (path) => {
        const limit = `${Math.round(desk.attempt.session.limits.file_bytes / 1024)} kB`;
        desk.refusal.value = words.files.tooLarge(path, limit);
      },
    });
    return () => desk.detach();
  }, [desk, nonce]);
  return (
    <div class="editor" id="editor" role="tabpanel" aria-label={words.work.code}>
      <div class="editor-place" ref={place} hidden={desk.active.value === null} />
      {desk.active.value === null && <p class="empty">{words.files.none}</p>}
      <p class="editor-hint" id={HINT_ID}>
        {words.files.editorHint}
      </p>
    </div>
  );
}

function RunButtons({ attempt, desk }: { attempt: Attempt; desk: Desk }) {
  const { runs, session } = attempt;
  const busy = runs.starting.value !== null || runs.running.value !== null;
  const start = async (kind: "run" | "test") => {
    desk.drawer.value = kind === "test" ? "tests" : "output";
    if (desk.layout.value === "narrow") desk.reveal("output");
    try {
      await runs.start(kind, desk.active.value ?? "", kind === "run" ? desk.stdin.value : "");
    } catch (error) {
      desk.refusal.value = explain(error);
    }
  };
  const stop = () => {
    runs.cancel().catch((error) => {
      desk.refusal.value = explain(error);
    });
  };

  if (busy) {
    return (
      <div class="run-buttons">
        <button
          type="button"
          class="button button-small"
          onClick={stop}
          disabled={runs.running.value === null}
        >
          <StopIcon /> {words.run.stop}
        </button>
      </div>
    );
  }
  const off = !session.sandbox.available;
  const why = off ? (session.sandbox.reason ?? words.run.unavailable) : undefined;
  return (
    <div class="run-buttons">
      <button
        type="button"
        class="button button-small"
        disabled={off || desk.active.value === null}
        title={why ?? session.run.command_label}
        onClick={() => void start("run")}
      >
        <PlayIcon /> {words.run.run}
      </button>
      {session.run.tests && (
        <button
          type="button"
          class="button button-small button-strong"
          disabled={off}
          title={why}
          onClick={() => void start("test")}
        >
          {words.run.test}
        </button>
      )}
    </div>
  );
}
