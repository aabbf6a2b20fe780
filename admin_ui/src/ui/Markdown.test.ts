// @vitest-environment jsdom
// What candidates and models write is shown, and does nothing. (DOMPurify does not work on happy-dom.)
import { expect, test } from "vitest";
import { toSafeHtml } from "./Markdown";

test("HTML is shown as it was written", () => {
  const html = toSafeHtml("before <img src=x onerror=alert(1)> <script>alert(2)</script> after");
  expect(html).not.toMatch(/<img|<script/);
  expect(html).toContain("&lt;script&gt;");
});

test("links keep only addresses that are safe to open, and never tell where they come from", () => {
  expect(toSafeHtml("[x](javascript:alert(1))")).not.toContain("javascript:");
  expect(toSafeHtml("[x](https://docs.python.org)")).toContain('rel="noopener noreferrer nofollow"');
});

test("pictures are not fetched", () => {
  expect(toSafeHtml("![x](https://evil.example/p.png)")).toBe("<p>x</p>\n");
});
