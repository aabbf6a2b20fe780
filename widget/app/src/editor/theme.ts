// The editor's look, in TALI's tokens: one theme that follows light and dark by itself.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const look = EditorView.theme({
  "&": {
    height: "100%",
    color: "var(--tali-text)",
    backgroundColor: "var(--tali-surface)",
    fontSize: "13.5px",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--tali-font-mono)", lineHeight: "1.6" },
  ".cm-content": { padding: "10px 0", caretColor: "var(--tali-accent-text)" },
  ".cm-line": { padding: "0 16px 0 8px" },
  ".cm-cursor": { borderLeftColor: "var(--tali-accent-text)", borderLeftWidth: "2px" },
  ".cm-gutters": {
    color: "var(--tali-text-muted)",
    backgroundColor: "var(--tali-surface)",
    border: "none",
    paddingLeft: "6px",
  },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "30px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--tali-surface-hover) 55%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--tali-text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--tali-accent) 24%, transparent)",
  },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in srgb, var(--tali-accent) 12%, transparent)" },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--tali-accent-soft)",
    outline: "1px solid var(--tali-accent)",
  },
  ".cm-searchMatch": {
    backgroundColor: "var(--tali-warning-soft)",
    outline: "1px solid var(--tali-warning)",
  },
  ".cm-panels, .cm-tooltip": {
    color: "var(--tali-text)",
    backgroundColor: "var(--tali-surface-raised)",
    border: "1px solid var(--tali-border)",
  },
  ".cm-tooltip": { borderRadius: "var(--tali-radius-medium)", overflow: "hidden" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    color: "var(--tali-text)",
    backgroundColor: "var(--tali-accent-soft)",
  },
  ".cm-foldPlaceholder": {
    color: "var(--tali-text-muted)",
    backgroundColor: "var(--tali-surface-hover)",
    border: "none",
  },
});

const colours = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.controlKeyword],
    color: "var(--tali-accent-text)",
  },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--tali-success)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--tali-info)" },
  { tag: [tags.comment, tags.meta], color: "var(--tali-text-muted)", fontStyle: "italic" },
  {
    tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)],
    fontWeight: "600",
  },
  { tag: [tags.typeName, tags.className, tags.namespace], color: "var(--tali-info)" },
  { tag: [tags.propertyName, tags.attributeName], color: "var(--tali-warning)" },
  { tag: [tags.heading, tags.strong], fontWeight: "600" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: [tags.link, tags.url], color: "var(--tali-accent-text)", textDecoration: "underline" },
  { tag: tags.invalid, color: "var(--tali-danger)" },
]);

export const theme: Extension = [look, syntaxHighlighting(colours)];
