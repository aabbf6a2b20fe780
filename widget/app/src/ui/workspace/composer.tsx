// Where the candidate writes to the assistant. Notes whether a message was pasted: a fact, not a fault.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Attempt } from "../../core/attempt";
import { words } from "../../words";
import { count, explain } from "../format";
import { SendIcon, StopIcon } from "../icons";
import type { Desk } from "./desk";

export interface Sent {
  message: string;
}

interface ComposerProps {
  attempt: Attempt;
  desk: Desk;
  /** A message to send once more; a new object each time. */
  again: Sent | null;
  onSent: () => void;
}

export function Composer({ attempt, desk, again, onSent }: ComposerProps) {
  const { conversation, session } = attempt;
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const pasted = useRef(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const running = conversation.running.value !== undefined;
  const sending = conversation.sending.value;
  const prompt = words.chat.placeholder(
    session.assistant.is_ai ? session.assistant.name : words.chat.theAssistant,
  );
  const limit = session.limits.message_chars;
  const tooLong = text.length > limit;

  const ask = async (message: string, paste: boolean) => {
    if (!message.trim() || running || sending || message.length > limit) return;
    setProblem(null);
    try {
      await conversation.ask(message, circumstances(desk, paste));
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
      <div class="composer-box">
        <textarea
          ref={field}
          rows={1}
          value={text}
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
            attempt.notePaste("prompt", paste);
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
            disabled={!text.trim() || sending || tooLong}
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
