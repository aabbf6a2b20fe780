// A unified diff keeps its numbers, whatever its headers claim.
import { expect, test } from "vitest";
import { diffLines, diffSize } from "./DiffView";

const diff = `--- a/x.py
+++ b/x.py
@@ -3,9 +3,1 @@
 same
-old
+new
+--- not a header
\\ No newline at end of file
`;

test("lines are numbered on both sides", () => {
  expect(diffLines(diff).slice(1)).toEqual([
    { kind: "same", old: 3, new: 3, text: "same" },
    { kind: "removed", old: 4, new: null, text: "old" },
    { kind: "added", old: null, new: 4, text: "new" },
    { kind: "added", old: null, new: 5, text: "--- not a header" },
  ]);
});

test("the size counts lines, not headers", () => expect(diffSize(diff)).toEqual({ added: 2, removed: 1 }));

test("no diff is no change", () => expect(diffSize("")).toEqual({ added: 0, removed: 0 }));
