// The conversation with the assistant.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Attempt } from "../../core/attempt";
import { words } from "../../words";
import { DownIcon, InfoIcon } from "../icons";
import { CodeBlock } from "./code-block";
import { Composer, type Sent } from "./composer";
import type { Desk } from "./desk";
import { EditProposal } from "./edit-proposal";
import { ExchangeView } from "./exchange";

interface AssistantProps {
  attempt: Attempt;
  desk: Desk;
  titled: boolean;
}

export function Assistant({ attempt, desk, titled }: AssistantProps) {
  const { assistant } = attempt.session;
  const name = assistant.is_ai ? assistant.name : words.chat.theAssistant;
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
        {exchanges.length === 0 && <p class="empty">{words.chat.empty(name)}</p>}
        {exchanges.map((exchange) => (
          <ExchangeView
            key={exchange.turn.id}
            exchange={exchange}
            name={assistant.name}
            onRetry={() => setRetry({ message: exchange.turn.message })}
            renderCode={(code, language) => (
              <CodeBlock code={code} language={language} attempt={attempt} desk={desk} />
            )}
            renderProposal={(proposal) => <EditProposal proposal={proposal} desk={desk} />}
          />
        ))}
      </div>
      {away && (
        <button type="button" class="button button-small to-latest" onClick={() => setAway(false)}>
          <DownIcon /> {words.chat.latest}
        </button>
      )}
      <Composer
        conversation={attempt.conversation}
        name={name}
        limit={attempt.session.limits.message_chars}
        circumstances={(pasted) => circumstances(desk, pasted)}
        onPaste={(text) => attempt.notePaste("prompt", text)}
        again={retry}
        onSent={() => setAway(false)}
      />
    </div>
  );
}

function circumstances(desk: Desk, paste_detected: boolean) {
  const { workspace } = desk.attempt;
  return {
    code_context: desk.open.peek().map((path) => ({ path, content: workspace.read(path) })),
    active_file: desk.active.peek(),
    selection: desk.editor?.selection() ?? null,
    paste_detected,
    browser_focused: document.hasFocus(),
  };
}
