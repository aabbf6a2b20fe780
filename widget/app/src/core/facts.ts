// Sends what happened around the work (focus, tab switches, pastes, copies) in small batches.
import { ApiError, type Send } from "./api";
import type { Fact } from "./contract";

const SEND_AFTER_MS = 2_000;
const MAX_WAITING = 500;

type NewFact = Fact extends infer One ? (One extends Fact ? Omit<One, "at"> : never) : never;

export class Facts {
  #waiting: Fact[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending = false;

  constructor(
    private readonly send: Send,
    private readonly sendLast: (path: string, body: unknown) => void,
  ) {}

  note(fact: NewFact): void {
    this.#waiting.push({ ...fact, at: new Date().toISOString() } as Fact);
    // Days offline must not fill the memory: the oldest facts go first.
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#timer ??= setTimeout(() => void this.flush(), SEND_AFTER_MS);
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#sending || this.#waiting.length === 0) return;
    this.#sending = true;
    const events = this.#waiting.splice(0, 100);
    try {
      await this.send("POST", "/session/events", { body: { events } });
    } catch (error) {
      if (error instanceof ApiError && error.passing) this.#waiting.unshift(...events);
    } finally {
      this.#sending = false;
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => void this.flush(), SEND_AFTER_MS * 5);
    }
  }

  leave(): void {
    const events = this.#waiting.splice(0);
    if (events.length > 0) this.sendLast("/session/events", { events });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }
}
