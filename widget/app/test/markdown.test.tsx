// Markdown from outside becomes elements of ours and nothing else.
import { render } from "preact";
import { expect, test } from "vitest";
import { Markdown } from "../src/ui/workspace/markdown";

function html(source: string): string {
  const root = document.createElement("div");
  render(<Markdown source={source} />, root);
  return root.innerHTML;
}

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

test("only web and mail addresses are links", () => {
  expect(html("[a](https://example.org)")).toContain('href="https://example.org"');
  for (const href of ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:alert(1)", "/relative"]) {
    expect(html(`[a](${href})`)).not.toContain("href");
  }
});

test("a fence that is still open while the reply streams is code already", () => {
  expect(html("```python\nx = 1")).toContain("<code");
});
