// The warm-up: something small to try with the assistant before the clock starts.
import "./workspace/prose.css";
import "./workspace/assistant.css";
import "./warm-up.css";
import { useEffect, useRef, useState } from "preact/hooks";
import type { WarmUp } from "../core/warm-up";
import { words } from "../words";
import { explain } from "./format";
import { InfoIcon } from "./icons";
import { Composer, type Sent } from "./workspace/composer";
import { ExchangeView } from "./workspace/exchange";

interface WarmUpPanelProps {
  warmUp: WarmUp;
  /** Closed for good, or only put aside. */
  onDone: () => void;
  onBack: () => void;
}

export function WarmUpPanel({ warmUp, onDone, onBack }: WarmUpPanelProps) {
  const { conversation, prompt, session } = warmUp;
  const { assistant } = session;
  const name = assistant.is_ai ? assistant.name : words.chat.theAssistant;
  const exchanges = conversation.exchanges.value;
  const running = conversation.running.value !== undefined;
  const left = warmUp.left.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const log = useRef<HTMLDivElement>(null);
  const [retry, setRetry] = useState<Sent | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    if (log.current) log.current.scrollTop = log.current.scrollHeight;
  }, [exchanges]);

  const finish = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await warmUp.finish();
      onDone();
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };

  return (
    <section class="warm-up" aria-labelledby="warm-up">
      <header>
        <h2 id="warm-up" tabIndex={-1} ref={heading}>
          {words.warmUp.title}
        </h2>
        <span class="small muted">{words.warmUp.free}</span>
      </header>
      <div class="warm-up-prompt">
        <p class="small muted">{words.warmUp.tryThis}</p>
        <p>{prompt}</p>
      </div>
      <p class="small muted">{words.warmUp.why}</p>
      {!assistant.is_ai && (
        <div class="notice" role="note">
          <InfoIcon />
          <p>{assistant.notice ?? words.chat.notAi}</p>
        </div>
      )}
      {exchanges.length > 0 && (
        <div
          class="log warm-up-log"
          ref={log}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard.
          tabIndex={0}
          role="log"
          aria-label={words.chat.log}
          aria-busy={running}
        >
          {exchanges.map((exchange) => (
            <ExchangeView
              key={exchange.turn.id}
              exchange={exchange}
              name={name}
              {...(left > 0 && { onRetry: () => setRetry({ message: exchange.turn.message }) })}
            />
          ))}
        </div>
      )}
      {left > 0 || running ? (
        <Composer
          conversation={conversation}
          name={name}
          limit={session.limits.message_chars}
          circumstances={() => ({ consent_version: session.consent_version })}
          again={retry}
          onSent={() => {}}
        />
      ) : (
        <p class="small muted" role="status">
          {words.warmUp.noneLeft}
        </p>
      )}
      {problem && (
        <p class="field-error" role="alert">
          {problem}
        </p>
      )}
      <div class="warm-up-actions">
        {exchanges.length > 0 ? (
          <button type="button" class="button" onClick={() => void finish()} disabled={busy || running}>
            {words.warmUp.done}
          </button>
        ) : (
          <button type="button" class="button" onClick={onBack}>
            {words.warmUp.skip}
          </button>
        )}
        <span class="small muted">{words.warmUp.left(left)}</span>
      </div>
    </section>
  );
}
