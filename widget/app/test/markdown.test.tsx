// Markdown from outside becomes elements of ours and nothing else.
import { render } from "preact";
import { expect, test } from "vitest";
import { Markdown } from "../src/ui/workspace/markdown";

function rendered(source: string): HTMLElement {
  const root = document.createElement("div");
  render(<Markdown source={source} />, root);
  return root;
}

const html = (source: string): string => rendered(source).innerHTML;

test("the usual marks", () => {
  expect(html("Use **`heapq`** &amp; *care*")).toBe(
    "<p>Use <strong><code>heapq</code></strong> &amp; <em>care</em></p>",
  );
});

test("raw HTML is shown as text", () => {
  const out = html('<img src=x onerror="alert(1)">\n\ntext <script>alert(1)</script>');
  expect(out).not.toMatch(/<img|<script/);
  expect(out).toContain("&lt;script");
});

// The admin app is held to the same (admin_ui/src/ui/Markdown.test.ts).
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
  expect(link?.rel).toBe("noopener noreferrer");
});

test.each([
  "[x](java\tscript:alert(1))",
  "[x](<javascript:alert(1)>)",
  "[x](&#106;avascript:alert(1))",
  "[x](javascript&colon;alert(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](vbscript:msgbox)",
  "[x](file:///etc/passwd)",
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

test("only web and mail addresses are links", () => {
  expect(html("[a](https://example.org)")).toContain('href="https://example.org"');
  for (const href of ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:alert(1)", "/relative"]) {
    expect(html(`[a](${href})`)).not.toContain("href");
  }
});

test("a fence that is still open while the reply streams is code already", () => {
  expect(html("```python\nx = 1")).toContain("<code");
});
