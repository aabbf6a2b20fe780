// Edits apply one after another, in UTF-16 units over LF text.
import { describe, expect, test } from "vitest";
import type { Edit } from "../src/core/contract";
import { Workspace } from "../src/core/workspace";

const at = "2026-01-01T00:00:00.000Z";
const edit = (file: string, from: number, to: number, insert: string): Edit => ({
  op: "edit",
  file,
  from,
  to,
  insert,
  origin: "typed",
  at,
});
const workspace = () =>
  new Workspace([
    { path: "app/main.py", content: "one\r\ntwo\r\n", readonly: false },
    { path: "README.md", content: "", readonly: true },
  ]);

test("line ends become line feeds, and an emoji counts two units", () => {
  const files = workspace();
  expect(files.read("app/main.py")).toBe("one\ntwo\n");
  files.apply(edit("app/main.py", 0, 3, "😀"));
  files.apply(edit("app/main.py", 2, 3, "!"));
  expect(files.read("app/main.py")).toBe("😀!two\n");
});

test("an edit that reaches outside the text is refused rather than bent", () => {
  expect(() => workspace().apply(edit("app/main.py", 5, 99, ""))).toThrow(RangeError);
});

test("creating, renaming and deleting change the list and the hash", () => {
  const files = workspace();
  const before = files.hash();
  files.apply({ op: "create", file: "b.py", origin: "typed", at });
  files.apply({ op: "rename", file: "b.py", new_file: "c.py", at });
  expect(files.paths.value).toEqual(["README.md", "app/main.py", "c.py"]);
  expect(files.hash()).not.toBe(before);
  files.apply({ op: "delete", file: "c.py", at });
  expect(files.hash()).toBe(before);
});

describe("paths", () => {
  test.each([
    ["", "path_empty"],
    ["/etc/passwd", "path_shape"],
    ["a/../b", "path_shape"],
    ["a//b", "path_shape"],
    ["naïve.py", "path_shape"],
    ["a".repeat(201), "path_long"],
    ["app/main.py", "path_taken"],
    ["app", "path_taken"],
    ["README.md/x", "path_taken"],
  ])("%j is refused as %s", (path, problem) => {
    expect(workspace().problem(path)).toBe(problem);
  });

  test("a plain new path is fine", () => {
    expect(workspace().problem("app/test_main.py")).toBeNull();
  });
});
