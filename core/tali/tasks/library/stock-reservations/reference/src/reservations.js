/** Stock that is held while somebody pays. */
import { randomUUID } from "node:crypto";
import {
  InvalidLine,
  OutOfStock,
  ReservationConfirmed,
  ReservationExpired,
  ReservationReleased,
  UnknownReservation,
} from "./errors.js";

export const HOLD_MS = 15 * 60 * 1000;
const KEEP_MS = 24 * 60 * 60 * 1000;

/** sku → quantity; the same article in two lines is one wish. */
function wishes(lines) {
  if (!Array.isArray(lines) || lines.length === 0) {
    throw new InvalidLine("a cart is not empty");
  }
  const wanted = new Map();
  for (const { sku, quantity } of lines) {
    if (!Number.isSafeInteger(quantity) || quantity <= 0) {
      throw new InvalidLine(`${quantity} is no quantity of ${sku}`);
    }
    wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
  }
  return wanted;
}

/**
 * A reservation is `held` until somebody confirms or releases it. Whether it has expired is never stored: it follows
 * from the time, so that nothing has to happen at that moment.
 */
export class Reservations {
  #warehouse;
  #now;
  #holdMs;
  #byId = new Map();
  #byCart = new Map();
  #forgottenAt = Number.NEGATIVE_INFINITY;

  constructor(warehouse, { now = Date.now, holdMs = HOLD_MS } = {}) {
    this.#warehouse = warehouse;
    this.#now = now;
    this.#holdMs = holdMs;
  }

  /** How many reservations are remembered. */
  get size() {
    this.#forget();
    return this.#byId.size;
  }

  /** What is on hand and not held. */
  available(sku) {
    return this.#availableBut(sku, null);
  }

  /** Holds the articles of a cart; answers with `{ id, expiresAt }`. */
  reserve(cartId, lines) {
    this.#forget();
    const wanted = wishes(lines);
    const former = this.#byCart.get(cartId);
    const shortages = this.#shortages(wanted, former);
    if (shortages.length > 0) {
      throw new OutOfStock(shortages);
    }
    if (former?.state === "held") {
      this.#end(former, "released");
    }
    const expiresAt = this.#now() + this.#holdMs;
    const reservation = { id: randomUUID(), cartId, wanted, expiresAt, state: "held", endedAt: expiresAt };
    this.#byId.set(reservation.id, reservation);
    this.#byCart.set(cartId, reservation);
    return { id: reservation.id, expiresAt };
  }

  /** The payment has arrived: takes the articles out of the warehouse and answers with the lines. */
  confirm(id) {
    const reservation = this.#get(id);
    if (reservation.state === "released") {
      throw new ReservationReleased(id);
    }
    if (reservation.state === "held") {
      if (this.#shortages(reservation.wanted, reservation).length > 0) {
        throw new ReservationExpired(id);
      }
      for (const [sku, quantity] of reservation.wanted) {
        this.#warehouse.take(sku, quantity);
      }
      this.#end(reservation, "confirmed");
    }
    return Array.from(reservation.wanted, ([sku, quantity]) => ({ sku, quantity }));
  }

  /** The customer cancelled. */
  release(id) {
    const reservation = this.#get(id);
    if (reservation.state === "confirmed") {
      throw new ReservationConfirmed(id);
    }
    if (reservation.state === "held") {
      this.#end(reservation, "released");
    }
  }

  #get(id) {
    this.#forget();
    const reservation = this.#byId.get(id);
    if (reservation === undefined) {
      throw new UnknownReservation(id);
    }
    return reservation;
  }

  /** An expired reservation ended when it expired, whatever is done to it afterwards but confirming. */
  #end(reservation, state) {
    reservation.state = state;
    reservation.endedAt = state === "confirmed" ? this.#now() : Math.min(reservation.expiresAt, this.#now());
  }

  #availableBut(sku, excepted) {
    const now = this.#now();
    let available = this.#warehouse.onHand(sku);
    for (const reservation of this.#byId.values()) {
      if (reservation !== excepted && reservation.state === "held" && now < reservation.expiresAt) {
        available -= reservation.wanted.get(sku) ?? 0;
      }
    }
    return available;
  }

  #shortages(wanted, excepted) {
    return Array.from(wanted, ([sku, requested]) => ({ sku, requested, available: this.#availableBut(sku, excepted) }))
      .filter(({ requested, available }) => requested > available);
  }

  /** Looks at all of them at most once an hour, so that a busy shop does not look at all of them all the time. */
  #forget() {
    const now = this.#now();
    if (now - this.#forgottenAt < KEEP_MS / 24) {
      return;
    }
    this.#forgottenAt = now;
    for (const reservation of this.#byId.values()) {
      if (now - reservation.endedAt > KEEP_MS) {
        this.#byId.delete(reservation.id);
        if (this.#byCart.get(reservation.cartId) === reservation) {
          this.#byCart.delete(reservation.cartId);
        }
      }
    }
  }
}
