// Says where a change in the editor came from: the fact that the signals about assistance rest on.
import { Annotation, type Transaction } from "@codemirror/state";
import type { Origin } from "../core/contract";

/** Set on changes that bring the assistant's text in. */
export const fromAssistant = Annotation.define<"assistant_insert" | "assistant_apply">();

/** Set on changes that only bring the editor in line with the files: nobody made them, so nobody recorded them. */
export const unrecorded = Annotation.define<true>();

export function originOf(transaction: Transaction): Origin {
  const assistant = transaction.annotation(fromAssistant);
  if (assistant) return assistant;
  if (transaction.isUserEvent("undo") || transaction.isUserEvent("redo")) return "undo";
  // Text dragged in from elsewhere arrives as a paste does. Text dragged within the editor is "move.drop".
  if (transaction.isUserEvent("input.paste") || transaction.isUserEvent("input.drop")) return "paste";
  if (transaction.isUserEvent("input.complete")) return "completion";
  // "indent" is re-indenting a selection by rule; pressing Tab is "input.indent", which is typing.
  if (transaction.isUserEvent("format") || transaction.isUserEvent("indent")) return "format";
  return "typed";
}
