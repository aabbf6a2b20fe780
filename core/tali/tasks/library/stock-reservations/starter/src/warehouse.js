/** What is on the shelves. */
import { UnknownSku } from "./errors.js";

export class Warehouse {
  #onHand = new Map();

  /** Goods came in. */
  receive(sku, quantity) {
    this.#onHand.set(sku, (this.#onHand.get(sku) ?? 0) + quantity);
  }

  has(sku) {
    return this.#onHand.has(sku);
  }

  onHand(sku) {
    if (!this.has(sku)) {
      throw new UnknownSku(sku);
    }
    return this.#onHand.get(sku);
  }

  /** Goods go out. */
  take(sku, quantity) {
    this.#onHand.set(sku, this.onHand(sku) - quantity);
  }
}
