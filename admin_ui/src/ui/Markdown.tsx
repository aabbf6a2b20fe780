// Markdown from people and models: parsed, then sanitised, since candidates and models write it and neither is trusted.
import DOMPurify from "dompurify";
import { Marked } from "marked";
import { useMemo } from "react";

// Pictures would tell a stranger's server who is reading; forms and styles could imitate this app.
const ALLOWED_TAGS =
  "a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i li ol p pre s span strong sub sup table tbody td th thead tr ul".split(
    " ",
  );

// HTML in a message is something that was written about, so it is shown as written rather than interpreted.
const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const markdown = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => escaped(text),
    image: ({ text, href }) => escaped(text || href),
  },
});

const purifier = DOMPurify();

purifier.addHook("afterSanitizeAttributes", (node) => {
  // An address that is not safe to open is gone by now, and what is left is text.
  if (node.tagName !== "A" || !node.hasAttribute("href")) return;
  node.setAttribute("rel", "noopener noreferrer nofollow");
  node.setAttribute("target", "_blank");
});

// Headings inside a message must not mix with those of the page.
purifier.addHook("afterSanitizeElements", (node) => {
  if (node instanceof Element && /^H[1-6]$/.test(node.tagName)) {
    node.setAttribute("role", "heading");
    node.setAttribute("aria-level", String(Math.min(6, Number(node.tagName[1]) + 2)));
  }
  if (node instanceof Element && node.tagName === "PRE") node.setAttribute("tabindex", "0");
});

export function toSafeHtml(text: string): string {
  // DOMPurify hands back its input where it cannot work; nothing may pass it unseen.
  if (!purifier.isSupported) return escaped(text);
  const html = markdown.parse(text, { async: false });
  return purifier.sanitize(html, {
    ALLOWED_TAGS,
    ALLOWED_ATTR: ["href", "start", "align"],
    ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  });
}

export function Markdown({ text }: { text: string }) {
  const html = useMemo(() => toSafeHtml(text), [text]);
  // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised two lines above.
  return <div className="prose" dangerouslySetInnerHTML={{ __html: html }} />;
}
