// The talk with the assistant: sends a message, follows its reply chunk by chunk, and picks both up after a reload.
import { computed, signal } from "@preact/signals-core";
import { ApiError, newKey, type Send } from "./api";
import { type Chunk, isOver, type Turn } from "./contract";
import { backoff, sleep } from "./retry";
import { follow } from "./stream";

export type Part =
  | { type: "text"; text: string }
  | { type: "notice"; level: string; text: string }
  | { type: "edit_proposal"; path: string; find: string; replace: string };

/** A turn as it is shown: the reply in parts, as far as it has come. */
export interface Exchange {
  turn: Turn;
  parts: Part[];
}

/** What goes along with a message: the circumstances it was written in. */
export interface Circumstances {
  code_context: { path: string; content: string }[];
  active_file: string | null;
  selection: { from: number; to: number } | null;
  paste_detected: boolean;
  browser_focused: boolean;
}

export interface ConversationOptions {
  send: Send;
  /** Where it is held; the session itself, unless told. */
  at?: string;
  turns: Turn[];
  /** Whether the conversation began before these turns. */
  earlier: boolean;
  /** Brings the edits to the server and says which batch was the last: a prompt refers to the code it was asked on. */
  settle?: () => Promise<number>;
  /** The writer that this window is; the server tells a window that is no longer the one. */
  epoch?: () => number;
}

export class Conversation {
  readonly exchanges = signal<Exchange[]>([]);
  /** A message is on its way to the server, not yet accepted. */
  readonly sending = signal(false);
  /** Why the assistant answers no more, in the server's words; null while it does. */
  readonly exhausted = signal<string | null>(null);
  readonly running = computed(() => this.exchanges.value.find(({ turn }) => !isOver(turn.state))?.turn);
  #lastPromptAt: number | undefined;
  #unsent: { message: string; key: string } | undefined;
  readonly #stopped = new AbortController();
  readonly #at: string;

  constructor(private readonly options: ConversationOptions) {
    this.#at = options.at ?? "/session";
    this.exchanges.value = options.turns.map((turn) => ({ turn, parts: settledParts(turn) }));
    const running = this.running.peek();
    if (running) void this.#follow(running);
    if (options.earlier) void this.#recall();
  }

  /** Bring what was said before, piece by piece: it is there to read, and pastes are told apart by it. */
  async #recall(): Promise<void> {
    const { signal } = this.#stopped;
    for (let more = true, failures = 0; more && !signal.aborted; ) {
      const before = this.exchanges.peek()[0]?.turn.index ?? 1;
      try {
        const response = await this.options.send("GET", `/session/turns?before=${before}`, { signal });
        const { turns, earlier_turns } = (await response.json()) as { turns: Turn[]; earlier_turns: boolean };
        const recalled = turns.map((turn) => ({ turn, parts: settledParts(turn) }));
        this.exchanges.value = [...recalled, ...this.exchanges.peek()];
        more = earlier_turns && turns.length > 0;
        failures = 0;
      } catch {
        await sleep(backoff(failures++), signal).catch(() => {});
      }
    }
  }

  /** Send a message. Rejects, without a trace in the conversation, when the server does not take it. */
  async ask(message: string, circumstances: Circumstances | { consent_version: string }): Promise<void> {
    if (this.sending.value) return;
    this.sending.value = true;
    // The same words again after a failure are the same message: the server must not answer twice.
    if (this.#unsent?.message !== message) this.#unsent = { message, key: newKey() };
    try {
      await this.options.settle?.();
      const work = this.options.epoch && {
        writer_epoch: this.options.epoch(),
        time_since_last_prompt_ms: this.#sinceLast(),
      };
      const response = await this.options.send("POST", `${this.#at}/chat`, {
        idempotencyKey: this.#unsent.key,
        body: { ...circumstances, message, ...work },
      });
      const { turn } = (await response.json()) as { turn: Turn };
      this.#unsent = undefined;
      this.#lastPromptAt = performance.now();
      this.#show({ turn, parts: [] });
      void this.#follow(turn);
    } catch (error) {
      // An answer, even a refusal, settles this attempt; silence does not.
      if (error instanceof ApiError && error.status !== 0) this.#unsent = undefined;
      if (error instanceof ApiError && error.code === "spend_cap_reached") {
        // No fault, and nothing to try again: the work goes on without it.
        this.exhausted.value = error.message;
        return;
      }
      throw error;
    } finally {
      this.sending.value = false;
    }
  }

  async cancel(): Promise<void> {
    const turn = this.running.peek();
    if (turn) await this.options.send("POST", `${this.#at}/turns/${turn.id}/cancel`);
  }

  /** Everything the assistant has said. */
  replies(): string[] {
    return this.exchanges
      .peek()
      .map(({ parts }) =>
        parts.map((part) => (part.type === "edit_proposal" ? part.replace : part.text)).join("\n"),
      );
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #follow(turn: Turn): Promise<void> {
    const parts: Part[] = [];
    try {
      const final = await follow<Turn>({
        send: this.options.send,
        path: `${this.#at}/turns/${turn.id}`,
        key: "turn",
        signal: this.#stopped.signal,
        onChunk: (chunk) => {
          addPart(parts, chunk);
          this.#show({ turn: { ...turn, state: "running" }, parts: [...parts] });
        },
      });
      this.#show({ turn: final, parts: parts.length > 0 ? [...parts] : settledParts(final) });
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      const { code, message } = error instanceof ApiError ? error : { code: "unexpected", message: "" };
      this.#show({ turn: { ...turn, state: "failed", error: { code, message } }, parts: [...parts] });
    }
  }

  #show(exchange: Exchange): void {
    const others = this.exchanges.peek();
    const place = others.findIndex(({ turn }) => turn.id === exchange.turn.id);
    this.exchanges.value = place < 0 ? [...others, exchange] : others.with(place, exchange);
  }

  #sinceLast(): number | null {
    if (this.#lastPromptAt !== undefined) return Math.round(performance.now() - this.#lastPromptAt);
    // After a reload only the server's time of the last message is left. It keeps its own measure beside ours.
    const last = this.exchanges.peek().at(-1);
    return last ? Math.max(0, Date.now() - Date.parse(last.turn.created_at)) : null;
  }
}

function settledParts(turn: Turn): Part[] {
  return turn.response ? [{ type: "text", text: turn.response }] : [];
}

function addPart(parts: Part[], chunk: Chunk): void {
  const last = parts.at(-1);
  if (chunk.type === "text") {
    if (last?.type === "text") parts[parts.length - 1] = { type: "text", text: last.text + chunk.text };
    else parts.push({ type: "text", text: chunk.text });
  } else if (chunk.type === "notice") {
    parts.push({ type: "notice", level: chunk.level, text: chunk.text });
  } else if (chunk.type === "edit_proposal") {
    parts.push({ type: "edit_proposal", path: chunk.path, find: chunk.find, replace: chunk.replace });
  }
}
