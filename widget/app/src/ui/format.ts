// Turns numbers, times and errors into words.
import { ApiError } from "../core/api";
import { words } from "../words";

const plural = (count: number, unit: string) => `${count} ${unit}${count === 1 ? "" : "s"}`;

/** "1 hour 30 minutes" */
export function duration(seconds: number): string {
  if (seconds < 60) return plural(seconds, "second");
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return plural(minutes, "minute");
  return rest === 0 ? plural(hours, "hour") : `${plural(hours, "hour")} ${plural(rest, "minute")}`;
}

/** "1:04:09", "24:10" */
export function countdown(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** "2 s", "4 min" */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}

/** "120 ms", "1.4 s" */
export function elapsed(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function dateTime(iso: string): string {
  return new Intl.DateTimeFormat("en", { dateStyle: "long", timeStyle: "short" }).format(new Date(iso));
}

export const count = (value: number): string => new Intl.NumberFormat("en").format(value);

/** An error as a sentence that says what to do: the server's own words where it has some. */
export function explain(error: unknown): string {
  if (!(error instanceof ApiError)) return words.problems.unexpected;
  const ours = words.problems[error.code as keyof typeof words.problems];
  if (ours) return ours;
  if (error.message) return error.message;
  if (error.status === 429) return words.problems.rate_limited;
  return words.problems.server;
}
