// The files of the workspace, by folder: open, create, rename, delete.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Attempt } from "../../core/attempt";
import { words } from "../../words";
import { BinIcon, LockIcon, PenIcon, PlusIcon } from "../icons";
import type { Desk } from "./desk";
import { Dialog } from "./dialog";

interface FileTreeProps {
  attempt: Attempt;
  desk: Desk;
}

export function FileTree({ attempt, desk }: FileTreeProps) {
  const [creating, setCreating] = useState(false);
  const [removing, setRemoving] = useState<string | null>(null);
  const { workspace, session } = attempt;
  const paths = workspace.paths.value;

  const create = () => {
    if (paths.length < session.limits.files) setCreating(true);
    else desk.refusal.value = words.files.tooMany(session.limits.files);
  };

  return (
    <nav class="file-tree" aria-label={words.files.title}>
      <div class="file-tree-head">
        <span>{words.files.title}</span>
        <button type="button" class="icon-button" aria-label={words.files.create} onClick={create}>
          <PlusIcon />
        </button>
      </div>
      {creating && (
        <PathForm
          attempt={attempt}
          initial=""
          label={words.files.create}
          onDone={(path) => {
            setCreating(false);
            if (path) desk.create(path);
          }}
        />
      )}
      {byFolder(paths).map(([folder, files]) => (
        <div key={folder}>
          {folder && <p class="folder">{folder}</p>}
          <ul>
            {files.map((path) => (
              <FileRow
                key={path}
                attempt={attempt}
                desk={desk}
                path={path}
                onRemove={() => setRemoving(path)}
              />
            ))}
          </ul>
        </div>
      ))}
      {removing && (
        <Dialog
          title={words.files.removeTitle(removing)}
          confirm={words.files.remove}
          danger
          onCancel={() => setRemoving(null)}
          onConfirm={() => {
            desk.remove(removing);
            setRemoving(null);
          }}
        >
          <p>{words.files.removeBody}</p>
        </Dialog>
      )}
    </nav>
  );
}

interface FileRowProps extends FileTreeProps {
  path: string;
  onRemove: () => void;
}

function FileRow({ attempt, desk, path, onRemove }: FileRowProps) {
  const [renaming, setRenaming] = useState(false);
  const readonly = attempt.workspace.isReadonly(path);
  if (renaming) {
    return (
      <li>
        <PathForm
          attempt={attempt}
          initial={path}
          label={words.files.rename}
          onDone={(next) => {
            setRenaming(false);
            if (next && next !== path) desk.rename(path, next);
          }}
        />
      </li>
    );
  }
  const open = () => {
    desk.show(path);
    if (desk.layout.value === "narrow") desk.treeShown.value = false;
  };
  return (
    <li class="file-row" data-active={desk.active.value === path}>
      <button
        type="button"
        class="file-name"
        title={path}
        aria-current={desk.active.value === path ? "true" : undefined}
        onClick={open}
      >
        <span>{path.slice(path.lastIndexOf("/") + 1)}</span>
        {readonly && (
          <span class="lock">
            <LockIcon />
            <span class="visually-hidden">, {words.files.readonly}</span>
          </span>
        )}
      </button>
      {!readonly && (
        <span class="file-actions">
          <button
            type="button"
            class="icon-button"
            aria-label={`${words.files.rename} ${path}`}
            onClick={() => setRenaming(true)}
          >
            <PenIcon />
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label={`${words.files.remove} ${path}`}
            onClick={onRemove}
          >
            <BinIcon />
          </button>
        </span>
      )}
    </li>
  );
}

interface PathFormProps {
  attempt: Attempt;
  initial: string;
  label: string;
  /** With the path, or null when it was given up. */
  onDone: (path: string | null) => void;
}

function PathForm({ attempt, initial, label, onDone }: PathFormProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const finished = useRef(false);
  const field = useRef<HTMLInputElement>(null);
  // The candidate just asked for this field.
  useLayoutEffect(() => field.current?.select(), []);
  const finish = (path: string | null) => {
    if (finished.current) return;
    finished.current = true;
    onDone(path);
  };
  const submit = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const path = String(new FormData(event.currentTarget).get("path") ?? "").trim();
    const refused = path === initial ? null : attempt.workspace.problem(path);
    if (refused) setProblem(words.files[refused]);
    else finish(path || null);
  };
  return (
    <form class="path-form" onSubmit={submit}>
      <input
        name="path"
        ref={field}
        defaultValue={initial}
        placeholder={words.files.createHint}
        aria-label={label}
        aria-invalid={problem !== null}
        aria-describedby={problem ? "path-problem" : undefined}
        autocomplete="off"
        spellcheck={false}
        onKeyDown={(event) => event.key === "Escape" && finish(null)}
        onBlur={(event) => !event.currentTarget.value.trim() && finish(null)}
      />
      {problem && (
        <p class="field-error" id="path-problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

/** Files at the top first, then folder by folder. */
function byFolder(paths: string[]): [folder: string, files: string[]][] {
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    folders.set(folder, [...(folders.get(folder) ?? []), path]);
  }
  return [...folders].sort(([a], [b]) => a.localeCompare(b));
}
