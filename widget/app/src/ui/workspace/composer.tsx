// Where the candidate writes to the assistant. Notes whether a message was pasted: a fact, not a fault.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Conversation } from "../../core/conversation";
import { words } from "../../words";
import { count, explain } from "../format";
import { InfoIcon, SendIcon, StopIcon } from "../icons";

export interface Sent {
  message: string;
}

interface ComposerProps {
  conversation: Conversation;
  /** Whom one writes to. */
  name: string;
  /** Characters that a message may have. */
  limit: number;
  /** What goes along with a message, seen in the moment that it is sent. */
  circumstances: (pasted: boolean) => Parameters<Conversation["ask"]>[1];
  onPaste?: (text: string) => void;
  /** A message to send once more; a new object each time. */
  again: Sent | null;
  onSent: () => void;
}

export function Composer(props: ComposerProps) {
  const { conversation, limit, again, onSent } = props;
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const pasted = useRef(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const running = conversation.running.value !== undefined;
  const sending = conversation.sending.value;
  const exhausted = conversation.exhausted.value;
  const prompt = words.chat.placeholder(props.name);
  const tooLong = text.length > limit;

  const ask = async (message: string, paste: boolean) => {
    if (!message.trim() || running || sending || exhausted || message.length > limit) return;
    setProblem(null);
    try {
      await conversation.ask(message, props.circumstances(paste));
      if (conversation.exhausted.peek()) return;
      pasted.current = false;
      setText((now) => (now === message ? "" : now));
      onSent();
    } catch (error) {
      // The words stay where they are: sending again is one press away.
      setProblem(explain(error));
    }
  };

  // Only a new `again` is a reason to ask again, whatever else changed.
  useEffect(() => {
    if (again) void ask(again.message, false);
  }, [again]);

  const press = (event: KeyboardEvent) => {
    // While an input method composes, Enter picks a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void ask(text, pasted.current);
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void ask(text, pasted.current);
      }}
    >
      {(problem || tooLong) && (
        <p class="field-error" role="alert">
          {tooLong ? words.chat.tooLong(count(limit)) : problem}
        </p>
      )}
      {exhausted && (
        <div class="notice" role="status">
          <InfoIcon />
          <p>{exhausted}</p>
        </div>
      )}
      <div class="composer-box">
        <textarea
          ref={field}
          rows={1}
          value={text}
          disabled={exhausted !== null}
          placeholder={prompt}
          aria-label={prompt}
          aria-describedby="composer-hint"
          aria-invalid={tooLong}
          onInput={(event) => {
            setText(event.currentTarget.value);
            if (!event.currentTarget.value) pasted.current = false;
          }}
          onPaste={(event) => {
            const paste = event.clipboardData?.getData("text/plain");
            if (!paste) return;
            pasted.current = true;
            props.onPaste?.(paste);
          }}
          onKeyDown={press}
        />
        {running ? (
          <button
            type="button"
            class="round-button"
            aria-label={words.chat.stop}
            onClick={() => conversation.cancel().catch((error) => setProblem(explain(error)))}
          >
            <StopIcon />
          </button>
        ) : (
          <button
            type="submit"
            class="round-button"
            data-primary
            aria-label={words.chat.send}
            disabled={!text.trim() || sending || tooLong || exhausted !== null}
          >
            <SendIcon />
          </button>
        )}
      </div>
      <p class="composer-hint" id="composer-hint">
        {words.chat.hint}
      </p>
    </form>
  );
}
