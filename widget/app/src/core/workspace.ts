// The candidate's files as they are now: the text that edits apply to, and its hash. No editor, no network.
import { signal } from "@preact/signals-core";
import type { Edit, SourceFile } from "./contract";
import { crc32, workspaceHash } from "./hash";

const PATH = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/;
const MAX_PATH = 200;

export type PathProblem = "path_empty" | "path_shape" | "path_long" | "path_taken";

interface Entry {
  content: string;
  readonly: boolean;
  crc: string | undefined;
}

export class Workspace {
  /** The paths, sorted; changes when a file comes, goes or is renamed, not when text changes. */
  readonly paths = signal<string[]>([]);
  /** Grows with every change, of text or of files. */
  readonly revision = signal(0);
  readonly #files = new Map<string, Entry>();

  constructor(files: SourceFile[]) {
    this.reset(files);
  }

  reset(files: SourceFile[]): void {
    this.#files.clear();
    for (const { path, content, readonly } of files) {
      this.#files.set(path, { content: lineFeeds(content), readonly, crc: undefined });
    }
    this.#list();
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  read(path: string): string {
    return this.#entry(path).content;
  }

  isReadonly(path: string): boolean {
    return this.#entry(path).readonly;
  }

  contents(): Record<string, string> {
    return Object.fromEntries([...this.#files].map(([path, { content }]) => [path, content]));
  }

  hash(): string {
    return workspaceHash(
      [...this.#files].map(([path, entry]) => {
        entry.crc ??= crc32(entry.content);
        return [path, entry.crc] as const;
      }),
    );
  }

  /** Take an edit over into the files. Edits apply one after another, each to what the one before it left. */
  apply(edit: Edit): void {
    this.#change(edit);
    this.revision.value++;
  }

  /** Why a path cannot be used for a new or renamed file, or null when it can. */
  problem(path: string): PathProblem | null {
    if (!path) return "path_empty";
    if (path.length > MAX_PATH) return "path_long";
    if (!PATH.test(path) || path.split("/").some((part) => part === "." || part === ".."))
      return "path_shape";
    // A file may not be where a folder is, nor the other way round.
    for (const taken of this.#files.keys()) {
      if (taken === path || taken.startsWith(`${path}/`) || path.startsWith(`${taken}/`)) return "path_taken";
    }
    return null;
  }

  #change(edit: Edit): void {
    if (edit.op === "edit") {
      const entry = this.#entry(edit.file);
      if (edit.from < 0 || edit.to < edit.from || edit.to > entry.content.length) {
        throw new RangeError(`An edit of ${edit.file} reaches outside its text.`);
      }
      entry.content = entry.content.slice(0, edit.from) + edit.insert + entry.content.slice(edit.to);
      entry.crc = undefined;
      return;
    }
    if (edit.op === "create") {
      this.#files.set(edit.file, { content: "", readonly: false, crc: undefined });
    } else if (edit.op === "rename") {
      const entry = this.#entry(edit.file);
      this.#files.delete(edit.file);
      this.#files.set(edit.new_file, entry);
    } else {
      this.#files.delete(edit.file);
    }
    this.#list();
  }

  #entry(path: string): Entry {
    const entry = this.#files.get(path);
    if (!entry) throw new Error(`There is no file ${path}.`);
    return entry;
  }

  #list(): void {
    this.paths.value = [...this.#files.keys()].sort();
  }
}

/** Both editors and the server count a line end as one unit. */
export const lineFeeds = (text: string): string => text.replace(/\r\n?/g, "\n");
