// Formatting: what is unknown is said so, and rounding never claims more than is true.
import { describe, expect, test } from "vitest";
import {
  ago,
  at,
  between,
  clock,
  count,
  dollars,
  duration,
  minutes,
  month,
  offset,
  percent,
  score,
  text,
  titled,
  UNKNOWN,
} from "./format";

test.each([
  ["score", score],
  ["count", count],
  ["percent", percent],
  ["duration", duration],
  ["minutes", minutes],
] as const)("%s of nothing is unknown, never zero", (_, format) => {
  expect(format(null)).toBe(UNKNOWN);
  expect(format(undefined)).toBe(UNKNOWN);
  expect(format(Number.NaN)).toBe(UNKNOWN);
  expect(format(0)).not.toBe(UNKNOWN);
});

test("times that are missing or broken are unknown", () => {
  for (const format of [at, clock, ago]) {
    expect(format(null)).toBe(UNKNOWN);
    expect(format("yesterday-ish")).toBe(UNKNOWN);
  }
  expect(between("2026-03-10T09:00:00Z", null)).toBe(UNKNOWN);
  expect(offset(null, "2026-03-10T09:00:00Z")).toBe(UNKNOWN);
  expect(text("  ")).toBe(UNKNOWN);
});

describe("percent", () => {
  test.each([
    [0, "0%"],
    [0.004, "<1%"],
    [0.455, "46%"],
    [0.999, ">99%"],
    [1, "100%"],
  ])("%s is %s", (share, said) => expect(percent(share)).toBe(said));
});

describe("duration", () => {
  test.each([
    [840, "840 ms"],
    [1_500, "1.5 s"],
    [72_000, "1 min 12 s"],
    [3_600_000, "1 h"],
    [5_430_000, "1 h 30 min"],
  ])("%s ms is %s", (milliseconds, said) => expect(duration(milliseconds)).toBe(said));
});

test("the session's clock counts from the start", () => {
  expect(offset("2026-03-10T09:00:00Z", "2026-03-10T09:12:04Z")).toBe("12:04");
  expect(offset("2026-03-10T09:00:00Z", "2026-03-10T10:02:09Z")).toBe("1:02:09");
});

test("distances are told in the largest whole unit", () => {
  const now = Date.parse("2026-03-10T09:00:00Z");
  expect(ago("2026-03-10T06:10:00Z", now)).toBe("2 hours ago");
  expect(ago("2026-03-12T10:00:00Z", now)).toBe("in 2 days");
  expect(ago("2026-03-10T08:59:40Z", now)).toBe("just now");
});

test("a name that nobody titled can still be read", () => {
  expect(titled("token_efficiency")).toBe("Token efficiency");
});

test("money reads as dollars, and what is not nothing is not shown as nothing", () => {
  expect(dollars("12.5")).toBe("$12.50");
  expect(dollars("0.000000")).toBe("$0.00");
  expect(dollars("0.000040")).toBe("<$0.01");
  expect(dollars(null)).toBe("--");
  expect(month("2026-11-01")).toBe("November 2026");
});
