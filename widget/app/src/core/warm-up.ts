// The warm-up before the clock starts: a short talk with the assistant, apart from the work and from its record.
import { computed, signal } from "@preact/signals-core";
import type { Send } from "./api";
import type { Calibration, Session } from "./contract";
import { Conversation } from "./conversation";

const AT = "/session/calibration";

export class WarmUp {
  readonly prompt: string;
  readonly conversation: Conversation;
  readonly closed = signal(false);
  /** How many messages may still be sent. What the assistant failed to answer costs none. */
  readonly left = computed(() => Math.max(0, this.#allowed - countOf(this.conversation)));
  readonly #allowed: number;

  constructor(
    readonly session: Session,
    offered: Calibration,
    private readonly send: Send,
  ) {
    this.prompt = offered.prompt;
    this.closed.value = offered.state === "closed";
    this.conversation = new Conversation({ send, at: AT, turns: offered.turns, earlier: false });
    this.#allowed = offered.messages_left + countOf(this.conversation);
  }

  /** Be done with it, for good. Who wrote nothing can still begin later. */
  async finish(): Promise<void> {
    if (this.conversation.exchanges.peek().length === 0) return;
    await this.send("POST", `${AT}/finish`);
    this.closed.value = true;
  }

  stop(): void {
    this.conversation.stop();
  }
}

function countOf(conversation: Conversation): number {
  return conversation.exchanges.value.filter(({ turn }) => turn.state !== "failed").length;
}
