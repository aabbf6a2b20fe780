// A change that the assistant proposes to a file, applied only when the candidate says so.
import { useState } from "preact/hooks";
import type { Part } from "../../core/conversation";
import { words } from "../../words";
import type { Desk } from "./desk";

interface EditProposalProps {
  proposal: Extract<Part, { type: "edit_proposal" }>;
  desk: Desk;
}

export function EditProposal({ proposal: { path, find, replace }, desk }: EditProposalProps) {
  const [state, setState] = useState<"open" | "applied" | "failed">("open");
  const apply = () => {
    if (!desk.attempt.workspace.has(path)) return setState("failed");
    desk.show(path);
    if (desk.layout.value === "narrow") desk.reveal("code");
    setState(desk.editor?.apply(find, replace) ? "applied" : "failed");
  };
  const indent = commonIndent(`${find}\n${replace}`);
  return (
    <figure class="code-block">
      <figcaption>
        <span>{words.chat.proposal(path)}</span>
        {state === "failed" ? (
          <span class="field-error" role="status">
            {words.chat.applyFailed}
          </span>
        ) : (
          <button type="button" class="link-button" onClick={apply} disabled={state === "applied"}>
            {state === "applied" ? words.chat.applied : words.chat.apply}
          </button>
        )}
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, and must do so by keyboard. */}
      <pre tabIndex={0}>
        {find && <code class="removed">{lines(find, "−", indent)}</code>}
        <code class="added">{lines(replace, "+", indent)}</code>
      </pre>
    </figure>
  );
}

const lines = (text: string, sign: string, indent: number): string =>
  text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `${sign} ${line.slice(indent)}\n`)
    .join("");

/** How far all lines are indented alike: room that a narrow panel can do without. */
function commonIndent(text: string): number {
  const depths = text
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => line.search(/\S/));
  return depths.length > 0 ? Math.min(...depths) : 0;
}
