// Values in human words. What is not known is `--`, never zero and never blank.

export const UNKNOWN = "--";

type Maybe<Value> = Value | null | undefined;

const locale = typeof navigator === "undefined" ? "en" : navigator.language;
const decimals = (digits: number) =>
  new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const oneDecimal = decimals(1);
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

const isNumber = (value: Maybe<number>): value is number =>
  typeof value === "number" && Number.isFinite(value);

/** 0 to 100 with one decimal, as scores are compared. */
export const score = (value: Maybe<number>) => (isNumber(value) ? oneDecimal.format(value) : UNKNOWN);

/** One decimal, of a value on a small scale. */
export const oneDigit = (value: Maybe<number>) => (isNumber(value) ? oneDecimal.format(value) : UNKNOWN);

const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });

/** US dollars, which the API sends as text. What is not nothing is not shown as nothing. */
export function dollars(amount: Maybe<string>): string {
  if (amount == null || amount === "") return UNKNOWN;
  const value = Number(amount);
  return value > 0 && value < 0.01 ? "<$0.01" : money.format(value);
}

const monthName = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });

/** "November 2026", of a month's first day. */
export const month = (isoDay: string) => monthName.format(new Date(`${isoDay}T00:00:00Z`));

export const count = (value: Maybe<number>) => (isNumber(value) ? whole.format(value) : UNKNOWN);

/** A share (0 to 1) in percent. A share that is not quite whole is not rounded up to it, nor a small one to none. */
export function percent(share: Maybe<number>): string {
  if (!isNumber(share)) return UNKNOWN;
  const rounded = Math.round(share * 100);
  if (rounded === 100 && share < 1) return ">99%";
  if (rounded === 0 && share > 0) return "<1%";
  return `${rounded}%`;
}

export function duration(milliseconds: Maybe<number>): string {
  if (!isNumber(milliseconds) || milliseconds < 0) return UNKNOWN;
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${oneDecimal.format(milliseconds / 1000)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined(minutes, "min", seconds % 60, "s");
  return joined(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

const joined = (large: number, largeUnit: string, small: number, smallUnit: string) =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;

export const minutes = (value: Maybe<number>) => (isNumber(value) ? duration(value * 60_000) : UNKNOWN);

export function between(from: Maybe<string>, to: Maybe<string>): string {
  const span = instant(to) - instant(from);
  return duration(Number.isNaN(span) ? null : span);
}

/** Milliseconds since 1970, or NaN where there is no such time. */
export const instant = (iso: Maybe<string>) => (iso ? Date.parse(iso) : Number.NaN);

const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const dateOnly = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const clockTime = new Intl.DateTimeFormat(locale, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

const inFormat = (format: Intl.DateTimeFormat) => (iso: Maybe<string>) => {
  const time = instant(iso);
  return Number.isNaN(time) ? UNKNOWN : format.format(time);
};

export const at = inFormat(dateTime);
export const day = inFormat(dateOnly);
export const clock = inFormat(clockTime);

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** "3 hours ago", "in 2 days"; a date once it is further off than a month. */
export function ago(iso: Maybe<string>, now = Date.now()): string {
  const time = instant(iso);
  if (Number.isNaN(time)) return UNKNOWN;
  const distance = time - now;
  if (Math.abs(distance) > 30 * 86_400_000) return dateOnly.format(time);
  for (const [unit, size] of STEPS) {
    if (Math.abs(distance) >= size) return relative.format(Math.trunc(distance / size), unit);
  }
  return distance > 0 ? "in a moment" : "just now";
}

/** Time since the start of an attempt, as a session's clock shows it: 12:04, 1:02:09. */
export function offset(from: Maybe<string>, to: Maybe<string>): string {
  const span = instant(to) - instant(from);
  if (Number.isNaN(span)) return UNKNOWN;
  const seconds = Math.max(0, Math.round(span / 1000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor((seconds % 3600) / 60))}:${pad(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

export const plural = (amount: number, one: string, many = `${one}s`) =>
  `${whole.format(amount)} ${amount === 1 ? one : many}`;

/** `token_efficiency` → "Token efficiency", for names that a plugin brought and nobody has titled. */
export function titled(slug: string): string {
  const text = slug.replace(/[_-]+/g, " ").trim();
  return text ? text[0]?.toUpperCase() + text.slice(1) : UNKNOWN;
}

export const text = (value: Maybe<string>) => (value?.trim() ? value : UNKNOWN);
