// Where the keyboard is, told from what the page and its host can know.
import { expect, test } from "vitest";
import { classify, type FocusInputs } from "../src/core/focus";

const host = { has_focus: false, frame_active: true, visibility: "visible" as const };
const inputs: FocusInputs = { hasFocus: false, visible: true, host, framed: true };

test.each<[string, Partial<FocusInputs>, string]>([
  ["the host page has the keyboard", { host: { ...host, has_focus: true } }, "host_page"],
  ["nobody here has it", {}, "other_app"],
  ["the tab is hidden", { visible: false }, "tab_hidden"],
  ["the host says that the tab is hidden", { host: { ...host, visibility: "hidden" } }, "tab_hidden"],
  ["a frame without a loader", { host: undefined }, "unknown"],
  ["a page of its own", { host: undefined, framed: false }, "other_app"],
])("%s", (_name, given, where) => {
  expect(classify({ ...inputs, ...given })).toEqual({ focused: false, where });
});

test("focus here is focus, whatever the host says", () => {
  expect(classify({ ...inputs, hasFocus: true }).focused).toBe(true);
});
