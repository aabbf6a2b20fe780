// The code: files, open tabs, the editor, and the buttons that run it.
import { useEffect, useRef } from "preact/hooks";
import type { Attempt } from "../../core/attempt";
import { words } from "../../words";
import { explain } from "../format";
import { CloseIcon, FilesIcon, LockIcon, PlayIcon, StopIcon } from "../icons";
import type { Desk } from "./desk";
import { FileTree } from "./file-tree";
import { Tabs } from "./tabs";

interface CodePanelProps {
  attempt: Attempt;
  desk: Desk;
}

export function CodePanel({ attempt, desk }: CodePanelProps) {
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
        <CodeEditor desk={desk} />
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

function CodeEditor({ desk }: { desk: Desk }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return;
    desk.attach({
      parent: place.current,
      hint: words.files.editorHint,
      label: words.files.editorLabel,
      onTooLarge: (path) => {
        const limit = `${Math.round(desk.attempt.session.limits.file_bytes / 1024)} kB`;
        desk.refusal.value = words.files.tooLarge(path, limit);
      },
    });
    return () => desk.detach();
  }, [desk]);
  return (
    <div class="editor" id="editor" role="tabpanel" aria-label={words.work.code}>
      <div class="editor-place" ref={place} hidden={desk.active.value === null} />
      {desk.active.value === null && <p class="empty">{words.files.none}</p>}
      <p class="editor-hint" aria-hidden="true">
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
      await runs.start(kind, desk.runPath() ?? "", kind === "run" ? desk.stdin.value : "");
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
  // Read here, so that a file that comes or goes changes the button.
  void attempt.workspace.paths.value;
  const target = desk.runPath();
  const off = !session.sandbox.available;
  const why = off ? (session.sandbox.reason ?? words.run.unavailable) : undefined;
  return (
    <div class="run-buttons">
      <button
        type="button"
        class="button button-small"
        disabled={off || target === null}
        title={why ?? (target === session.run.entry ? session.run.command_label : (target ?? undefined))}
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
