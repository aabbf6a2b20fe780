// The code editor: one CodeMirror view that shows one file at a time and remembers the state of each.
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import type { Edit } from "../core/contract";
import type { Workspace } from "../core/workspace";
import { capture } from "./capture";
import { languageOf } from "./languages";
import { fromAssistant } from "./origin";
import { theme } from "./theme";

export interface EditorOptions {
  parent: HTMLElement;
  workspace: Workspace;
  fileBytes: number;
  label: (path: string, readonly: boolean) => string;
  /** How the keyboard gets out again. */
  hint: string;
  onEdit: (edit: Edit) => void;
  onPaste: (text: string, path: string) => void;
  onTooLarge: (path: string) => void;
}

export class Editor {
  readonly view: EditorView;
  #path: string | undefined;
  readonly #states = new Map<string, EditorState>();

  constructor(private readonly options: EditorOptions) {
    // CodeMirror writes its style sheet as it goes. In a document that takes a <style> element, which the content
    // security policy refuses; in a shadow root it is a constructed sheet, which needs nobody's leave.
    const root = options.parent.shadowRoot ?? options.parent.attachShadow({ mode: "open" });
    this.view = new EditorView({ parent: root });
  }

  get path(): string | undefined {
    return this.#path;
  }

  /** Show a file as it was left: cursor, history and all. */
  show(path: string): void {
    if (path === this.#path) return;
    this.#remember();
    this.#path = path;
    const known = this.#states.get(path);
    const state = known ?? this.#newState(path);
    this.view.setState(state);
  }

  /** A file has a new name; its history goes with it. */
  renamed(from: string, to: string): void {
    this.#remember();
    this.#states.delete(from);
    if (this.#path === from) {
      this.#path = undefined;
      this.show(to);
    }
  }

  closed(path: string): void {
    this.#states.delete(path);
    if (this.#path === path) {
      this.#path = undefined;
      this.view.setState(EditorState.create());
    }
  }

  focus(): void {
    this.view.contentDOM.focus({ preventScroll: true });
  }

  selection(): { from: number; to: number } | null {
    if (!this.#path) return null;
    const { from, to } = this.view.state.selection.main;
    return from === to ? null : { from, to };
  }

  /** Put the assistant's text where the cursor is. */
  insert(text: string): boolean {
    const { from, to } = this.view.state.selection.main;
    return this.#bring("assistant_insert", from, to, text);
  }

  /** Replace a passage by the assistant's. False when the file no longer contains it. */
  apply(find: string, replace: string): boolean {
    const from = this.view.state.doc.toString().indexOf(find);
    if (from < 0) return false;
    return this.#bring("assistant_apply", from, from + find.length, replace);
  }

  destroy(): void {
    this.view.destroy();
  }

  #bring(origin: "assistant_insert" | "assistant_apply", from: number, to: number, text: string): boolean {
    if (!this.#path || this.view.state.readOnly) return false;
    const insert = this.view.state.toText(clean(text));
    this.view.dispatch({
      changes: { from, to, insert },
      selection: { anchor: from + insert.length },
      // One undo takes all of it back, and nothing else.
      annotations: [fromAssistant.of(origin), isolateHistory.of("full")],
      scrollIntoView: true,
    });
    this.focus();
    return true;
  }

  #remember(): void {
    if (this.#path) this.#states.set(this.#path, this.view.state);
  }

  #newState(path: string): EditorState {
    const language = new Compartment();
    const state = EditorState.create({
      doc: this.options.workspace.read(path),
      extensions: [language.of([]), this.#extensions(path)],
    });
    void languageOf(path).then((extension) => {
      // Meanwhile another file may be on show: this one gets its language where it waits.
      const effects = language.reconfigure(extension);
      if (this.#path === path) this.view.dispatch({ effects });
      else {
        const waiting = this.#states.get(path);
        if (waiting) this.#states.set(path, waiting.update({ effects }).state);
      }
    });
    return state;
  }

  #extensions(path: string): Extension {
    const { options } = this;
    const readonly = options.workspace.isReadonly(path);
    return [
      lineNumbers(),
      foldGutter(),
      highlightActiveLineGutter(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      dropCursor(),
      EditorState.allowMultipleSelections.of(true),
      indentOnInput(),
      indentUnit.of(/\.(py|java|rs|c|h|cc|cpp|hpp)$/.test(path) ? "    " : "  "),
      bracketMatching(),
      closeBrackets(),
      autocompletion(),
      rectangularSelection(),
      crosshairCursor(),
      highlightActiveLine(),
      highlightSelectionMatches(),
      keymap.of([
        ...closeBracketsKeymap,
        ...defaultKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...foldKeymap,
        ...completionKeymap,
        // Escape, then Tab leaves the editor: CodeMirror lets the next Tab through.
        indentWithTab,
      ]),
      EditorState.readOnly.of(readonly),
      EditorView.contentAttributes.of({
        "aria-label": options.label(path, readonly),
        "aria-description": options.hint,
        tabindex: "0",
        ...(readonly ? { "aria-readonly": "true" } : {}),
        spellcheck: "false",
        autocorrect: "off",
        autocapitalize: "off",
      }),
      EditorView.clipboardInputFilter.of(clean),
      EditorView.domEventHandlers({
        paste: (event) => {
          const text = event.clipboardData?.getData("text/plain");
          if (text && !readonly) options.onPaste(text, path);
        },
      }),
      EditorView.domEventObservers({
        // The way out must not depend on whether Escape also closed a list of completions.
        keydown: (event, view) => {
          if (event.key === "Escape") view.setTabFocusMode(LEAVING_MS);
        },
      }),
      sizeLimit(options.fileBytes, () => options.onTooLarge(path)),
      capture(() => this.#path ?? path, options.onEdit),
      theme,
    ];
  }
}

/** How soon after Escape the Tab key leaves the editor. */
const LEAVING_MS = 2_000;

/** A character that no database column takes, and no program needs. */
const clean = (text: string): string => text.replaceAll("\0", "");

/** Refuse changes that would make a file larger than the server takes. */
function sizeLimit(bytes: number, onRefused: () => void): Extension {
  return EditorState.transactionFilter.of((transaction) => {
    if (!transaction.docChanged || transaction.newDoc.length <= transaction.startState.doc.length)
      return transaction;
    // A UTF-16 unit takes at most three bytes in UTF-8: only large files need counting.
    if (transaction.newDoc.length * 3 <= bytes) return transaction;
    if (new TextEncoder().encode(transaction.newDoc.toString()).length <= bytes) return transaction;
    onRefused();
    return [];
  });
}
