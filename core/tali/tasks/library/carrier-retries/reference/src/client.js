/** One client for all requests to the carrier, with retries. */
import { randomUUID } from "node:crypto";
import { setTimeout as realSleep } from "node:timers/promises";
import { DEFAULTS, delayBefore, retryAfter } from "./backoff.js";
import { CarrierError } from "./errors.js";

const RETRIED = new Set([429, 502, 503, 504]);

/** The carrier counts in kilograms, we count in grams. */
function toCarrier(body) {
  return body?.weight === undefined ? body : { ...body, weight: body.weight / 1000 };
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
  }

  /** Sends one request, more than once if need be; answers with the body, or throws a `CarrierError`. */
  async request(method, path, body) {
    const headers = { "Content-Type": "application/json" };
    if (method === "POST") {
      headers["Idempotency-Key"] = randomUUID();
    }
    const message = { method, path, headers, body: toCarrier(body) };
    const deadline = this.now() + this.options.deadlineMs;
    for (let attempt = 1; ; attempt += 1) {
      const { answer, cause } = await this.#send(message);
      if (answer !== undefined && answer.status < 300) {
        return answer.body;
      }
      const wait = this.#waitAfter(attempt, answer);
      if (wait === null || this.now() + wait > deadline) {
        const reason = cause?.message ?? `status ${answer.status}`;
        throw new CarrierError(`${method} ${path}: ${reason}`, { status: answer?.status, attempts: attempt, cause });
      }
      await this.sleep(wait);
    }
  }

  async #send(message) {
    try {
      return { answer: await this.transport({ ...message, headers: { ...message.headers } }) };
    } catch (cause) {
      return { cause };
    }
  }

  /** How long to wait before the next attempt; null when there is none. */
  #waitAfter(attempt, answer) {
    const hopeless = answer !== undefined && !RETRIED.has(answer.status);
    if (hopeless || attempt >= this.options.attempts) {
      return null;
    }
    return Math.max(delayBefore(attempt, this.options, this.random), retryAfter(answer?.headers, this.now()));
  }
}
