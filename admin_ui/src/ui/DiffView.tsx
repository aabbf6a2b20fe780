// A unified diff, shown with both line numbers; signs say what the colours repeat.
import { useMemo } from "react";
import { CodeFrame, CodeRow, Pieces } from "./CodeView";
import { cx } from "./class-names";
import { highlightLines } from "./highlight";

interface Line {
  kind: "same" | "added" | "removed" | "skip";
  old: number | null;
  new: number | null;
  text: string;
}

const LOOK = {
  same: "",
  added: "bg-success-soft",
  removed: "bg-danger-soft",
  skip: "bg-sunken text-muted",
};
const SIGN = { same: "", added: "+", removed: "−", skip: "" };

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,(\d+))? @@/;

/** The lines of a unified diff, numbered on both sides. The counts in the hunk headers are not relied upon. */
export function diffLines(diff: string): Line[] {
  const lines: Line[] = [];
  let [before, after, inHunk] = [0, 0, false];
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    const hunk = HUNK.exec(line);
    if (hunk) {
      [before, after, inHunk] = [Number(hunk[1]), Number(hunk[2]), true];
      const last = after + Math.max(0, Number(hunk[3] ?? 1) - 1);
      lines.push({ kind: "skip", old: null, new: null, text: `Lines ${after} to ${last}` });
      continue;
    }
    if (line.startsWith("@@")) {
      // A note in place of lines: the server says so where files are too long to compare.
      lines.push({ kind: "skip", old: null, new: null, text: line.replaceAll("@@", "").trim() });
      continue;
    }
    // Before the first hunk stand the names of the files, which the page shows already.
    if (!inHunk || line.startsWith("\\")) continue;
    const text = line.slice(1);
    if (line.startsWith("+")) lines.push({ kind: "added", old: null, new: after++, text });
    else if (line.startsWith("-")) lines.push({ kind: "removed", old: before++, new: null, text });
    else lines.push({ kind: "same", old: before++, new: after++, text });
  }
  return lines;
}

export function diffSize(diff: string): { added: number; removed: number } {
  const lines = diffLines(diff);
  const count = (kind: Line["kind"]) => lines.filter((line) => line.kind === kind).length;
  return { added: count("added"), removed: count("removed") };
}

export function DiffSize({ diff }: { diff: string }) {
  const { added, removed } = diffSize(diff);
  return (
    <span className="font-mono text-xs tabular-nums">
      <span className="sr-only">{`${added} lines added, ${removed} removed`}</span>
      <span aria-hidden>
        <span className="text-success">+{added}</span> <span className="text-danger">−{removed}</span>
      </span>
    </span>
  );
}

export function DiffView({ path, diff }: { path: string; diff: string }) {
  const lines = useMemo(() => diffLines(diff), [diff]);
  return (
    <CodeFrame label={`Changes in ${path}`}>
      {lines.map((line, index) => (
        <CodeRow
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a diff never move.
          key={index}
          gutter={[line.old, line.new]}
          sign={SIGN[line.kind]}
          className={cx(LOOK[line.kind])}
        >
          {line.kind === "skip" ? (
            line.text
          ) : (
            // Coloured line by line: what a string or comment is across lines is lost, which a diff can bear.
            <Pieces pieces={highlightLines(line.text, path)[0] ?? []} />
          )}
        </CodeRow>
      ))}
    </CodeFrame>
  );
}
