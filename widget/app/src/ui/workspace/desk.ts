// How the workspace is arranged just now: which files are open, what is on show. State of the screen, not of the work.
import { computed, signal } from "@preact/signals";
import type { Attempt } from "../../core/attempt";
import { Editor, type EditorOptions } from "../../editor/editor";

export type Panel = "brief" | "code" | "output" | "assistant";
export type Drawer = "output" | "tests" | "input";

/** Wide: brief, code and assistant side by side. Medium: brief or assistant beside the code. Narrow: one at a time. */
export type Layout = "wide" | "medium" | "narrow";

const WIDE = "(min-width: 1140px)";
const ROOMY = 1400;
const TABS_AT_START = 3;
const NARROW = "(max-width: 719px)";

export class Desk {
  readonly layout = signal<Layout>(currentLayout());
  readonly panel = signal<Panel>("brief");
  readonly drawer = signal<Drawer>("output");
  readonly treeShown = signal(false);
  readonly open = signal<string[]>([]);
  readonly active = signal<string | null>(null);
  readonly stdin = signal("");
  /** A sentence about the last thing that was refused; the next one replaces it. */
  readonly refusal = signal<string | null>(null);
  /** Text that one part hands to another is read aloud, politely. */
  readonly said = signal("");
  readonly activeReadonly = computed(
    () => this.active.value !== null && this.attempt.workspace.isReadonly(this.active.value),
  );
  editor: Editor | undefined;
  readonly #undo = new AbortController();

  constructor(readonly attempt: Attempt) {
    const { paths } = attempt.workspace;
    const { workspace } = attempt;
    // Begin with files that say something: not those for reading only, nor the empty ones that mark a package.
    const telling = paths.value.filter(
      (path) => !workspace.isReadonly(path) && !path.endsWith("__init__.py") && workspace.read(path).trim(),
    );
    for (const path of telling.slice(0, TABS_AT_START).reverse()) this.show(path);
    const first = telling[0] ?? paths.value[0];
    if (first) this.show(first);
    this.open.value = this.open.value.toReversed();
    // Where the code would be left too narrow, the tree waits behind its button.
    this.treeShown.value = paths.value.length > 1 && window.innerWidth >= ROOMY;
    for (const query of [WIDE, NARROW]) {
      const react = () => {
        this.layout.value = currentLayout();
      };
      matchMedia(query).addEventListener("change", react, { signal: this.#undo.signal });
    }
  }

  attach(options: Pick<EditorOptions, "parent" | "label" | "hint" | "onTooLarge">): void {
    const { attempt } = this;
    this.editor = new Editor({
      ...options,
      workspace: attempt.workspace,
      fileBytes: attempt.session.limits.file_bytes,
      onEdit: (edit) => attempt.edit(edit),
      onPaste: (text, path) => attempt.notePaste("editor", text, path),
    });
    if (this.active.value) this.editor.show(this.active.value);
  }

  detach(): void {
    this.#undo.abort();
    this.editor?.destroy();
    this.editor = undefined;
  }

  show(path: string): void {
    if (!this.open.value.includes(path)) this.open.value = [...this.open.value, path];
    this.active.value = path;
    this.editor?.show(path);
  }

  close(path: string): void {
    const place = this.open.value.indexOf(path);
    this.open.value = this.open.value.filter((other) => other !== path);
    if (this.active.value !== path) return;
    const next = this.open.value[Math.min(place, this.open.value.length - 1)] ?? null;
    this.active.value = next;
    // A closed tab keeps its history: only a deleted file loses it.
    if (next) this.editor?.show(next);
  }

  create(path: string): void {
    this.attempt.edit({ op: "create", file: path, origin: "typed", at: new Date().toISOString() });
    this.show(path);
    if (this.layout.value === "narrow") this.treeShown.value = false;
  }

  rename(from: string, to: string): void {
    this.attempt.edit({ op: "rename", file: from, new_file: to, at: new Date().toISOString() });
    this.open.value = this.open.value.map((path) => (path === from ? to : path));
    if (this.active.value === from) this.active.value = to;
    this.editor?.renamed(from, to);
  }

  remove(path: string): void {
    this.close(path);
    this.editor?.closed(path);
    this.attempt.edit({ op: "delete", file: path, at: new Date().toISOString() });
  }

  /** What Run starts: the task's entry, where there is one, or the file on show. */
  runPath(): string | null {
    const { entry } = this.attempt.session.run;
    return entry && this.attempt.workspace.has(entry) ? entry : this.active.value;
  }

  /** Put a part in front where only one fits. */
  reveal(panel: Panel): void {
    this.panel.value = panel;
  }
}

function currentLayout(): Layout {
  if (matchMedia(WIDE).matches) return "wide";
  return matchMedia(NARROW).matches ? "narrow" : "medium";
}
