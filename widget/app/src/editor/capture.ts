// Turns what happens in CodeMirror into edits as the server understands them.
import type { Extension, Transaction } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { Edit } from "../core/contract";
import { originOf, unrecorded } from "./origin";

/**
 * The edits of one transaction, to be applied one after another.
 *
 * CodeMirror gives all changes of a transaction in the coordinates of the document before it. Applied in order, each
 * finds its place moved by those before: that is `fromB`, and the replaced length is the same as before.
 */
export function editsOf(transaction: Transaction, file: string, at: string): Edit[] {
  const origin = originOf(transaction);
  const edits: Edit[] = [];
  transaction.changes.iterChanges((fromA, toA, fromB, _toB, inserted) => {
    edits.push({
      op: "edit",
      file,
      from: fromB,
      to: fromB + toA - fromA,
      insert: inserted.toString(),
      origin,
      at,
    });
  });
  return edits;
}

/** Report every edit of the document as soon as it has happened. */
export function capture(file: () => string, onEdit: (edit: Edit) => void): Extension {
  return EditorView.updateListener.of((update) => {
    for (const transaction of update.transactions) {
      if (!transaction.docChanged || transaction.annotation(unrecorded)) continue;
      const at = new Date().toISOString();
      for (const edit of editsOf(transaction, file(), at)) onEdit(edit);
    }
  });
}
