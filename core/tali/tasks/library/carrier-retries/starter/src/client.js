/** One client for all requests to the carrier, with retries. */
import { randomUUID } from "node:crypto";
import { setTimeout as realSleep } from "node:timers/promises";
import { DEFAULTS, delayBefore } from "./backoff.js";

/** The carrier counts in kilograms, we count in grams. */
function toCarrier(body) {
  if (body?.weight !== undefined) {
    body.weight = body.weight / 1000;
  }
  return body;
}

export class CarrierClient {
  /**
   * `transport({ method, path, headers, body })` answers with `{ status, headers, body }`, or throws when there is no
   * answer. `now()` is in milliseconds since 1970, `sleep(ms)` a promise, `random()` from 0 up to 1.
   */
  constructor({ transport, now = Date.now, sleep = realSleep, random = Math.random, options = {} }) {
    this.transport = transport;
    this.now = now;
    this.sleep = sleep;
    this.random = random;
    this.options = { ...DEFAULTS, ...options };
    this.attempt = 0;
  }

  /** Sends one request, more than once if need be; answers with the body. */
  async request(method, path, body) {
    this.attempt = 1;
    while (this.attempt <= this.options.attempts) {
      try {
        const headers = { "Content-Type": "application/json" };
        if (method === "POST") {
          headers["Idempotency-Key"] = randomUUID();
        }
        const answer = await this.transport({ method, path, headers, body: toCarrier(body) });
        if (answer.status < 400) {
          return answer.body;
        }
      } catch {
        // Try again.
      }
      await this.sleep(delayBefore(this.attempt, this.options));
      this.attempt += 1;
    }
  }
}
