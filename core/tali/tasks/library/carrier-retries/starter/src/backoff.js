/** How long to wait between attempts. All times are in milliseconds. */
export const DEFAULTS = Object.freeze({
  attempts: 5,
  baseDelayMs: 200,
  maxDelayMs: 5_000,
  deadlineMs: 60_000,
});

const share = Math.random();

/** The wait before the n-th retry, n = 1, 2, … */
export function delayBefore(retry, options) {
  return share * options.baseDelayMs * 2 ** (retry - 1);
}
