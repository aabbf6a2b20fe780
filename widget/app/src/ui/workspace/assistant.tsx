// The conversation with the assistant.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Attempt } from "../../core/attempt";
import { isOver } from "../../core/contract";
import type { Exchange } from "../../core/conversation";
import { words } from "../../words";
import { DownIcon, InfoIcon } from "../icons";
import { CodeBlock } from "./code-block";
import { Composer, type Sent } from "./composer";
import type { Desk } from "./desk";
import { EditProposal } from "./edit-proposal";
import { Markdown } from "./markdown";

interface AssistantProps {
  attempt: Attempt;
  desk: Desk;
  titled: boolean;
}

export function Assistant({ attempt, desk, titled }: AssistantProps) {
  const { assistant } = attempt.session;
  const exchanges = attempt.conversation.exchanges.value;
  const log = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const [retry, setRetry] = useState<Sent | null>(null);

  // Follow the reply while its end is in view. Whoever scrolled up to read is left alone.
  useEffect(() => {
    if (log.current && !away) log.current.scrollTop = log.current.scrollHeight;
  }, [exchanges, away]);

  return (
    <div class="assistant">
      <h2 class={titled ? "panel-title" : "visually-hidden"}>{assistant.name}</h2>
      {!assistant.is_ai && (
        <div class="not-ai" role="note">
          <InfoIcon />
          <p>{assistant.notice ?? words.chat.notAi}</p>
        </div>
      )}
      <div
        class="scroll log"
        ref={log}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard.
        tabIndex={0}
        role="log"
        aria-label={words.chat.log}
        aria-busy={attempt.conversation.running.value !== undefined}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
          setAway(scrollHeight - scrollTop - clientHeight > 48)
        }
        onCopy={() => attempt.noteCopy(String(getSelection() ?? "").length)}
      >
        {exchanges.length === 0 && (
          <p class="empty">{words.chat.empty(assistant.is_ai ? assistant.name : words.chat.theAssistant)}</p>
        )}
        {exchanges.map((exchange) => (
          <ExchangeView
            key={exchange.turn.id}
            exchange={exchange}
            attempt={attempt}
            desk={desk}
            onRetry={() => setRetry({ message: exchange.turn.message })}
          />
        ))}
      </div>
      {away && (
        <button type="button" class="button button-small to-latest" onClick={() => setAway(false)}>
          <DownIcon /> {words.chat.latest}
        </button>
      )}
      <Composer attempt={attempt} desk={desk} again={retry} onSent={() => setAway(false)} />
    </div>
  );
}

interface ExchangeViewProps {
  exchange: Exchange;
  attempt: Attempt;
  desk: Desk;
  onRetry: () => void;
}

function ExchangeView({ exchange: { turn, parts }, attempt, desk, onRetry }: ExchangeViewProps) {
  const over = isOver(turn.state);
  return (
    <article class="exchange">
      <div class="message" data-from="candidate">
        <span class="visually-hidden">{words.chat.you}: </span>
        {turn.message}
      </div>
      <div class="message prose" data-from="assistant">
        <span class="visually-hidden">{attempt.session.assistant.name}: </span>
        {parts.map((part, place) => {
          // Parts are only ever added at the end, so their place is their name.
          if (part.type === "text") {
            return (
              <Markdown
                key={place}
                source={part.text}
                renderCode={(code, language) => (
                  <CodeBlock code={code} language={language} attempt={attempt} desk={desk} />
                )}
              />
            );
          }
          if (part.type === "notice") {
            return (
              <p class="part-notice" data-level={part.level} key={place}>
                {part.text}
              </p>
            );
          }
          return <EditProposal key={place} proposal={part} desk={desk} />;
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
          <button type="button" class="link-button" onClick={onRetry}>
            {words.chat.retry}
          </button>
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
