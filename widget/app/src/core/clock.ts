// The server's time, kept by this browser: the deadline is the server's, whatever the wall clock here says.
import { signal } from "@preact/signals-core";

export class Clock {
  /** Whole seconds to the deadline, never below zero; null without a deadline. */
  readonly secondsLeft = signal<number | null>(null);
  #offset = 0;
  #uncertainty = Number.POSITIVE_INFINITY;
  #syncedAt = 0;
  #deadline: number | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `monotonic` does not jump when somebody sets the clock of this machine. */
  constructor(private readonly monotonic: () => number = () => performance.now()) {}

  /**
   * Learn from an answer that carried the server's time. `roundTrip` bounds the error: a better answer replaces a
   * worse one, and after five minutes any answer does, since a sleeping laptop stops the monotonic clock.
   */
  sync(serverTime: string, roundTrip: number): void {
    const server = Date.parse(serverTime);
    if (Number.isNaN(server)) return;
    const now = this.monotonic();
    const offset = server + roundTrip / 2 - now;
    const stale = now - this.#syncedAt > 300_000;
    const slept = Math.abs(offset - this.#offset) > 2_000 + roundTrip;
    if (roundTrip > this.#uncertainty && !stale && !slept) return;
    this.#offset = offset;
    this.#uncertainty = roundTrip;
    this.#syncedAt = now;
    this.tick();
  }

  now(): number {
    return this.monotonic() + this.#offset;
  }

  run(deadline: string): void {
    this.#deadline = Date.parse(deadline);
    this.tick();
    this.#timer ??= setInterval(() => this.tick(), 500);
  }

  /** Stand still, as the server's clock does while the attempt is paused. `run` goes on. */
  hold(): void {
    this.stop();
    this.#deadline = null;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  tick(): void {
    if (this.#deadline === null) return;
    this.secondsLeft.value = Math.max(0, Math.ceil((this.#deadline - this.now()) / 1000));
  }
}
