// Shows Markdown from the outside world. `marked` reads it; this turns its tokens into elements, one kind at a time.
//
// No HTML string is ever made, so there is nothing to sanitise and nothing for Trusted Types to refuse: raw HTML is
// shown as the text it is, images as their description, and only http, https and mailto links are links. While a reply
// streams in, only what changed is touched, and a selection in it survives.
import { lexer, type Token, type Tokens } from "marked";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";

export interface MarkdownProps {
  source: string;
  /** How a block of code is shown; plainly, unless told. */
  renderCode?: (code: string, language: string) => ComponentChildren;
}

type RenderCode = NonNullable<MarkdownProps["renderCode"]>;

const plainCode: RenderCode = (code, language) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, and must do so by keyboard.
  <pre tabIndex={0}>
    <code data-language={language}>{code}</code>
  </pre>
);

export function Markdown({ source, renderCode = plainCode }: MarkdownProps) {
  const tokens = useMemo(() => lexer(source, { gfm: true }), [source]);
  return <>{tokens.map((token) => block(token, renderCode, headingShift(tokens)))}</>;
}

/** The page has its own h1 and h2: the highest heading of a text becomes an h3, whatever it was. */
function headingShift(tokens: Token[]): number {
  const depths = tokens.map((token) => (token.type === "heading" ? (token as Tokens.Heading).depth : 6));
  return 3 - Math.min(...depths, 6);
}

function block(token: Token, code: RenderCode, shift = 0): ComponentChildren {
  switch (token.type) {
    case "heading": {
      const Heading = `h${Math.min(6, Math.max(3, (token as Tokens.Heading).depth + shift))}` as "h3";
      return <Heading>{inline(token)}</Heading>;
    }
    case "paragraph":
      return <p>{inline(token)}</p>;
    case "code": {
      const { text, lang } = token as Tokens.Code;
      return code(text, (lang ?? "").split(/\s/, 1)[0] ?? "");
    }
    case "blockquote":
      return (
        <blockquote>{(token as Tokens.Blockquote).tokens.map((child) => block(child, code))}</blockquote>
      );
    case "list":
      return list(token as Tokens.List, code);
    case "table":
      return table(token as Tokens.Table);
    case "hr":
      return <hr />;
    case "html":
      return <p>{token.raw.trim()}</p>;
    case "space":
    case "def":
      return null;
    case "text":
      return "tokens" in token && token.tokens ? inline(token) : decode((token as Tokens.Text).text);
    default:
      return <p>{token.raw}</p>;
  }
}

function list({ ordered, start, items }: Tokens.List, code: RenderCode): ComponentChildren {
  const children = items.map((item) => (
    <li data-task={item.task || undefined}>
      {item.task && <input type="checkbox" checked={item.checked ?? false} disabled aria-label={item.text} />}
      {item.tokens.map((child) => (child.type === "checkbox" ? null : block(child, code)))}
    </li>
  ));
  return ordered ? <ol start={Number(start) || 1}>{children}</ol> : <ul>{children}</ul>;
}

function table({ header, rows, align }: Tokens.Table): ComponentChildren {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: wide tables scroll, and must do so by keyboard.
    <div class="table-scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {header.map((cell, column) => (
              <th data-align={align[column]}>{inline(cell)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell, column) => (
                <td data-align={align[column]}>{inline(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inline(parent: { tokens?: Token[]; text?: string }): ComponentChildren {
  return (parent.tokens ?? []).map(span);
}

function span(token: Token): ComponentChildren {
  switch (token.type) {
    case "strong":
      return <strong>{inline(token as Tokens.Strong)}</strong>;
    case "em":
      return <em>{inline(token as Tokens.Em)}</em>;
    case "del":
      return <del>{inline(token as Tokens.Del)}</del>;
    case "codespan":
      return <code>{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link": {
      const { href } = token as Tokens.Link;
      const text = inline(token as Tokens.Link);
      if (!isSafe(href)) return text;
      return (
        <a href={href} target="_blank" rel="noopener noreferrer">
          {text}
        </a>
      );
    }
    case "image":
      return (token as Tokens.Image).text;
    case "escape":
      return (token as Tokens.Escape).text;
    case "text": {
      const text = token as Tokens.Text;
      return text.tokens ? inline(text) : decode(text.text);
    }
    default:
      return token.raw;
  }
}

function isSafe(href: string): boolean {
  try {
    return ["http:", "https:", "mailto:"].includes(new URL(href).protocol);
  } catch {
    return false;
  }
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/** The entities that people write in Markdown. Any other stays as it was written. */
function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,5}));/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[name.toLowerCase()] ?? whole;
    const point = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
