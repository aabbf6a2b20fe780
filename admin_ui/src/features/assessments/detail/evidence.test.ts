// Evidence leads to the moment it comes from, and to nowhere rather than to the wrong place.
import { expect, test } from "vitest";
import { match, parse } from "@/router/router";
import { evidenceHref, evidenceLabel } from "./evidence";

test.each([
  [{ kind: "prompt", prompt_index: 3 } as const, "#/assessments/a1/conversation?prompt=3", "Prompt 3"],
  [{ kind: "prompt", turn_id: "t9" } as const, "#/assessments/a1/conversation?turn=t9", "A prompt"],
  [{ kind: "event", event_seq: 0 } as const, "#/assessments/a1/timeline?event=0", "Event 0"],
  [
    { kind: "line", path: "src/a b.py", line: 14 } as const,
    "#/assessments/a1/code?path=src%2Fa+b.py&line=14",
    "src/a b.py:14",
  ],
  [{ kind: "test", path: "test_x" } as const, "#/assessments/a1/tests?test=test_x", "test_x"],
])("%o", (evidence, address, label) => {
  expect(evidenceHref("a1", evidence)).toBe(address);
  expect(evidenceLabel(evidence)).toBe(label);
});

test("evidence that points at nothing has no link", () => {
  expect(evidenceHref("a1", { kind: "prompt" })).toBeNull();
  expect(evidenceHref("a1", { kind: "line", line: 4 })).toBeNull();
});

test("the address says what the page reads back", () => {
  const { path, query } = parse(evidenceHref("a1", { kind: "line", path: "src/ü&=?#.py", line: 2 }) ?? "");
  expect(match("/assessments/:id/:tab?", path)).toEqual({ id: "a1", tab: "code" });
  expect(query.get("path")).toBe("src/ü&=?#.py");
});
