// What CodeMirror does must arrive as edits that rebuild the same text, each with where it came from.
import { history, redo, undo } from "@codemirror/commands";
import { EditorState, type Transaction, type TransactionSpec } from "@codemirror/state";
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/core/workspace";
import { editsOf } from "../src/editor/capture";
import { fromAssistant, originOf } from "../src/editor/origin";

const at = "2026-01-01T00:00:00.000Z";
const stateOf = (doc: string) =>
  EditorState.create({ doc, extensions: [history(), EditorState.allowMultipleSelections.of(true)] });

function mirror(doc: string, ...specs: TransactionSpec[]): { editor: string; files: string } {
  let state = stateOf(doc);
  const files = new Workspace([{ path: "a.py", content: doc, readonly: false }]);
  for (const spec of specs) {
    const transaction = state.update(spec);
    for (const edit of editsOf(transaction, "a.py", at)) files.apply(edit);
    state = transaction.state;
  }
  return { editor: state.doc.toString(), files: files.read("a.py") };
}

describe("offsets", () => {
  test("several changes in one transaction rebuild the same text", () => {
    const { editor, files } = mirror("alpha beta gamma\n", {
      changes: [
        { from: 0, to: 5, insert: "a" },
        { from: 6, to: 10, insert: "longer than before" },
        { from: 11, insert: "😀" },
      ],
    });
    expect(files).toBe(editor);
  });

  test("pasted line ends count as one unit", () => {
    const { editor, files } = mirror("x\n", {
      changes: { from: 0, insert: stateOf("").toText("a\r\nb\rc") },
    });
    expect(files).toBe(editor);
    expect(files).toBe("a\nb\ncx\n");
  });

  test("a thousand random transactions rebuild the same text", () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return seed % below;
    };
    let state = stateOf("def f():\n    return 1\n");
    const files = new Workspace([{ path: "a.py", content: state.doc.toString(), readonly: false }]);
    for (let i = 0; i < 1000; i++) {
      const cuts = Array.from({ length: 2 + random(3) * 2 }, () => random(state.doc.length + 1)).sort(
        (a, b) => a - b,
      );
      const changes = [];
      for (let j = 0; j + 1 < cuts.length; j += 2) {
        changes.push({
          from: cuts[j] as number,
          to: cuts[j + 1] as number,
          insert: ["", "é", "\n", "ab😀"][random(4)] as string,
        });
      }
      const transaction = state.update({ changes });
      for (const edit of editsOf(transaction, "a.py", at)) files.apply(edit);
      state = transaction.state;
    }
    expect(files.read("a.py")).toBe(state.doc.toString());
  });
});

describe("origins", () => {
  const change = { from: 0, insert: "x" };
  test.each([
    ["input.type", "typed"],
    ["delete.backward", "typed"],
    ["input.indent", "typed"],
    ["move.drop", "typed"],
    ["input.paste", "paste"],
    ["input.drop", "paste"],
    ["input.complete", "completion"],
    ["indent", "format"],
  ])("%s is %s", (userEvent, origin) => {
    expect(originOf(stateOf("").update({ changes: change, userEvent }))).toBe(origin);
  });

  test("what the assistant brings is told apart, whatever else is said about it", () => {
    const insert = stateOf("").update({ changes: change, annotations: fromAssistant.of("assistant_insert") });
    expect(originOf(insert)).toBe("assistant_insert");
  });

  test("undo and redo are both undo", () => {
    const origins: string[] = [];
    let state = stateOf("").update({ changes: change, userEvent: "input.type" }).state;
    const dispatch = (transaction: Transaction) => {
      origins.push(originOf(transaction));
      state = transaction.state;
    };
    undo({ state, dispatch });
    redo({ state, dispatch });
    expect(origins).toEqual(["undo", "undo"]);
  });
});
