// One message and its reply, as far as it has come.
import { type ComponentChildren, Fragment } from "preact";
import { isOver } from "../../core/contract";
import type { Exchange, Part } from "../../core/conversation";
import { words } from "../../words";
import { Markdown, type MarkdownProps } from "./markdown";

type Proposal = Extract<Part, { type: "edit_proposal" }>;

interface ExchangeViewProps {
  exchange: Exchange;
  /** Who answers. */
  name: string;
  /** Send the same words again; without it a reply that ended badly just says so. */
  onRetry?: () => void;
  renderCode?: MarkdownProps["renderCode"];
  /** How a change to a file is shown; without it there are no files. */
  renderProposal?: (proposal: Proposal) => ComponentChildren;
}

export function ExchangeView(props: ExchangeViewProps) {
  const {
    exchange: { turn, parts },
    onRetry,
  } = props;
  const over = isOver(turn.state);
  const rendering = props.renderCode ? { renderCode: props.renderCode } : {};
  return (
    <article class="exchange">
      <div class="message" data-from="candidate">
        <span class="visually-hidden">{words.chat.you}: </span>
        {turn.message}
      </div>
      <div class="message prose" data-from="assistant">
        <span class="visually-hidden">{props.name}: </span>
        {parts.map((part, place) => {
          // Parts are only ever added at the end, so their place is their name.
          if (part.type === "text") {
            return <Markdown key={place} source={part.text} {...rendering} />;
          }
          if (part.type === "notice") {
            return (
              <p class="part-notice" data-level={part.level} key={place}>
                {part.text}
              </p>
            );
          }
          return <Fragment key={place}>{props.renderProposal?.(part)}</Fragment>;
        })}
        {!over && parts.length === 0 && (
          <p class="thinking" role="status">
            {words.chat.thinking}
            <span aria-hidden="true" />
          </p>
        )}
      </div>
      {over && turn.state !== "done" && (
        <p class="turn-end" role="status">
          {endOf(turn)}{" "}
          {onRetry && (
            <button type="button" class="link-button" onClick={onRetry}>
              {words.chat.retry}
            </button>
          )}
        </p>
      )}
    </article>
  );
}

function endOf({ state, error }: Exchange["turn"]): string {
  if (state === "cancelled") return words.chat.cancelled;
  if (state === "interrupted") return words.chat.interrupted;
  return error?.message || words.chat.failed;
}
