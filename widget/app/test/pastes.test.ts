// Whether pasted text came from the assistant.
import { expect, test } from "vitest";
import { isFromAssistant } from "../src/core/pastes";

const replies = ["Use a heap:\n\n```python\nheapq.heappush(self._heap, key)\n    return key\n```"];

test("a passage of a reply is the assistant's, however it was indented", () => {
  expect(isFromAssistant("heapq.heappush(self._heap, key)\nreturn key", replies)).toBe(true);
});

test("other text is not", () => {
  expect(isFromAssistant("def something_else(): pass", replies)).toBe(false);
});

test("a word that occurs everywhere tells nothing", () => {
  expect(isFromAssistant("return key", replies)).toBe(false);
});
