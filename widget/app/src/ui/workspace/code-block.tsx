// A block of code in a reply, with what one does with it.
import { useState } from "preact/hooks";
import type { Attempt } from "../../core/attempt";
import { words } from "../../words";
import type { Desk } from "./desk";

interface CodeBlockProps {
  code: string;
  language: string;
  attempt: Attempt;
  desk: Desk;
}

export function CodeBlock({ code, language, attempt, desk }: CodeBlockProps) {
  const [copy, setCopy] = useState<"copy" | "copied" | "copyFailed">("copy");
  const insertable = desk.active.value !== null && !desk.activeReadonly.value;

  const copyCode = async () => {
    try {
      await navigator.clipboard.writeText(code);
      attempt.noteCopy(code.length);
      setCopy("copied");
    } catch {
      // Frames without the permission, and plain-http hosts, have no clipboard to write to.
      setCopy("copyFailed");
    }
    setTimeout(() => setCopy("copy"), 2_000);
  };
  const insert = () => {
    if (desk.layout.value === "narrow") desk.reveal("code");
    desk.editor?.insert(code);
  };

  return (
    <figure class="code-block">
      <figcaption>
        <span>{language}</span>
        <button type="button" class="link-button" onClick={() => void copyCode()}>
          {words.chat[copy]}
        </button>
        <button type="button" class="link-button" onClick={insert} disabled={!insertable}>
          {words.chat.insert}
        </button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, and must do so by keyboard. */}
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
    </figure>
  );
}
