/** Stock that is held while somebody pays. */
import { randomUUID } from "node:crypto";

export const HOLD_MS = 15 * 60 * 1000;

export class Reservations {
  #warehouse;
  #now;
  #holdMs;
  #lines = new Map();

  constructor(warehouse, { now = Date.now, holdMs = HOLD_MS } = {}) {
    this.#warehouse = warehouse;
    this.#now = now;
    this.#holdMs = holdMs;
  }

  /** How many reservations are remembered. */
  get size() {
    return this.#lines.size;
  }

  /** What is on hand and not held. */
  available(sku) {
    return this.#warehouse.onHand(sku);
  }

  /** Holds the articles of a cart; answers with `{ id, expiresAt }`. */
  reserve(cartId, lines) {
    const id = `${cartId}-${randomUUID()}`;
    this.#lines.set(id, lines);
    return { id, expiresAt: this.#now() + this.#holdMs };
  }

  /** The payment has arrived: takes the articles out of the warehouse and answers with the lines. */
  confirm(id) {
    const lines = this.#lines.get(id);
    for (const { sku, quantity } of lines) {
      this.#warehouse.take(sku, quantity);
    }
    return lines;
  }

  /** The customer cancelled. */
  release(id) {
    this.#lines.delete(id);
  }
}
