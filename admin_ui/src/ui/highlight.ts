// Colours for code, line by line, as a tree (never as HTML): loaded with the pages that show code.
import type { Element, ElementContent, Root } from "hast";
import bash from "highlight.js/lib/languages/bash";
import css from "highlight.js/lib/languages/css";
import go from "highlight.js/lib/languages/go";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";

const lowlight = createLowlight({
  bash,
  css,
  go,
  java,
  javascript,
  json,
  python,
  rust,
  sql,
  typescript,
  xml,
  yaml,
});

const BY_EXTENSION: Record<string, string> = {
  py: "python",
  js: "javascript",
  jsx: "javascript",
  mjs: "javascript",
  ts: "typescript",
  tsx: "typescript",
  sh: "bash",
  html: "xml",
  xml: "xml",
  yml: "yaml",
  yaml: "yaml",
  rs: "rust",
  sql: "sql",
  json: "json",
  css: "css",
  go: "go",
  java: "java",
};

// Past this, colouring costs more than it helps.
const LONGEST = 120_000;

export interface Piece {
  text: string;
  className: string | undefined;
}

/** The lines of a file, each cut into pieces of one colour. */
export function highlightLines(code: string, path: string): Piece[][] {
  const language = BY_EXTENSION[path.split(".").pop()?.toLowerCase() ?? ""];
  if (!language || code.length > LONGEST) {
    return code.split("\n").map((text) => [{ text, className: undefined }]);
  }
  const lines: Piece[][] = [[]];
  walk(lowlight.highlight(language, code), undefined, lines);
  return lines;
}

function walk(node: Root | Element, className: string | undefined, lines: Piece[][]) {
  for (const child of node.children as ElementContent[]) {
    if (child.type === "text") {
      for (const [index, text] of child.value.split("\n").entries()) {
        if (index > 0) lines.push([]);
        if (text) lines.at(-1)?.push({ text, className });
      }
    } else if (child.type === "element") {
      const own = child.properties.className;
      walk(child, Array.isArray(own) ? own.join(" ") : className, lines);
    }
  }
}
