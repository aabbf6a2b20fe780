// @vitest-environment jsdom
// What candidates and models write is shown, and does nothing. (DOMPurify does not work on happy-dom.)
import { expect, test } from "vitest";
import { toSafeHtml } from "./Markdown";

test("HTML is shown as it was written", () => {
  const html = toSafeHtml("before <img src=x onerror=alert(1)> <script>alert(2)</script> after");
  expect(html).not.toMatch(/<img|<script/);
  expect(html).toContain("&lt;script&gt;");
});

// What links of a task's brief must be; the candidate app is held to the same (widget/app/test/markdown.test.tsx).
test.each([
  ["[docs](https://docs.python.org/3)", "https://docs.python.org/3", "docs"],
  ["[docs][1]\n\n[1]: http://example.org", "http://example.org", "docs"],
  ["Read https://example.org/x.", "https://example.org/x", "https://example.org/x"],
  ["<mailto:help@example.org>", "mailto:help@example.org", "mailto:help@example.org"],
  ["- [in a list](https://example.org)", "https://example.org", "in a list"],
  ["# [in a heading](https://example.org)", "https://example.org", "in a heading"],
  ["| a |\n|---|\n| [cell](https://example.org) |", "https://example.org", "cell"],
])("%j is a link that opens beside the page", (source, href, text) => {
  const link = rendered(source).querySelector("a");
  expect(link?.getAttribute("href")).toBe(href);
  expect(link?.textContent).toBe(text);
  expect(link?.target).toBe("_blank");
  expect(link?.rel.split(" ")).toEqual(expect.arrayContaining(["noopener", "noreferrer"]));
});

test.each([
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](<javascript:alert(1)>)",
  "[x](&#106;avascript:alert(1))",
  "[x](javascript&colon;alert(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](vbscript:msgbox)",
  "[x](file:///etc/passwd)",
  "[x](/relative)",
  "[x](//example.org)",
  "[x][1]\n\n[1]: javascript:alert(1)",
  "<javascript:alert(1)>",
  '<a href="https://example.org" onclick="alert(1)">x</a>',
  "<iframe src=https://example.org></iframe>",
])("%j is text", (source) => {
  const shown = rendered(source);
  expect(shown.querySelector("[href], [src], [target], script, iframe, [onclick]")).toBeNull();
  expect(shown.textContent).not.toBe("");
});

function rendered(source: string) {
  const element = document.createElement("div");
  element.innerHTML = toSafeHtml(source);
  return element;
}

test("links keep only addresses that are safe to open, and never tell where they come from", () => {
  expect(toSafeHtml("[x](javascript:alert(1))")).not.toContain("javascript:");
  expect(toSafeHtml("[x](https://docs.python.org)")).toContain('rel="noopener noreferrer nofollow"');
});

test("pictures are not fetched", () => {
  expect(toSafeHtml("![x](https://evil.example/p.png)")).toBe("<p>x</p>\n");
});
