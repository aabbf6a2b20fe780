/** What can go wrong, as agreed with the checkout team. */
class StockError extends Error {
  constructor(message, details = {}) {
    super(message);
    this.name = new.target.name;
    Object.assign(this, details);
  }
}

/** Something is short; `shortages` is a list of `{ sku, requested, available }`. */
export class OutOfStock extends StockError {
  constructor(shortages) {
    super(`not enough of ${shortages.map(({ sku }) => sku).join(", ")}`, { shortages });
  }
}

export class UnknownSku extends StockError {
  constructor(sku) {
    super(`no article ${sku}`, { sku });
  }
}

export class InvalidLine extends StockError {}

export class UnknownReservation extends StockError {
  constructor(id) {
    super(`no reservation ${id}`, { id });
  }
}

export class ReservationExpired extends StockError {
  constructor(id) {
    super(`reservation ${id} has expired, and its articles are gone`, { id });
  }
}

export class ReservationReleased extends StockError {
  constructor(id) {
    super(`reservation ${id} was released`, { id });
  }
}

export class ReservationConfirmed extends StockError {
  constructor(id) {
    super(`reservation ${id} is confirmed already`, { id });
  }
}
