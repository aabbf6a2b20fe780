/** The carrier could not be brought to do what was asked. */
export class CarrierError extends Error {
  constructor(message, { status, attempts, cause } = {}) {
    super(message, { cause });
    this.name = "CarrierError";
    this.status = status;
    this.attempts = attempts;
  }
}
