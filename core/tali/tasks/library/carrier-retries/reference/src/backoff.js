/** How long to wait between attempts. All times are in milliseconds. */
export const DEFAULTS = Object.freeze({
  attempts: 5,
  baseDelayMs: 200,
  maxDelayMs: 5_000,
  deadlineMs: 60_000,
});

/** The wait before the n-th retry, n = 1, 2, …: a random share, so that clients do not come back together. */
export function delayBefore(retry, options, random) {
  return random() * Math.min(options.maxDelayMs, options.baseDelayMs * 2 ** (retry - 1));
}

/** How long the carrier asks us to wait, or 0 where it does not say. */
export function retryAfter(headers, now) {
  const value = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === "retry-after")?.[1];
  const text = String(value ?? "").trim();
  if (/^\d+$/.test(text)) {
    return Number(text) * 1000;
  }
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
