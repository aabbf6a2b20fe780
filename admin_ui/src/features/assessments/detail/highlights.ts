// What stands out in a result, upwards and downwards, chosen by rule so that it can be explained.
import type { Evidence, Result, Signal } from "@/api/report";

export interface Highlight {
  name: string;
  title: string;
  /** The value in words; null for what was flagged. */
  value: string | null;
  /** What the flag says. */
  flag: string | null;
  evidence: Evidence[];
  /** Where the whole of it is, for what has no single moment to point at. */
  tab: "signals" | "tests" | "code";
}

export const STRONG = 7;
export const WEAK = 4;
const MOST = 5;

/**
 * Strengths are values of 7 or more on the scale of 10, concerns those of 4 or less and everything flagged. Only what a
 * judge read, the tests and the code's analysis can be either: a measured fact is neither good nor bad by itself. A
 * judged value that the facts speak against is a concern, however high it is.
 */
export function highlights(result: Result): { strengths: Highlight[]; concerns: Highlight[] } {
  const rated: [number, Highlight][] = [];
  for (const component of result.components) {
    const tab = { tests: "tests", code_quality: "code" }[component.name] as "tests" | "code" | undefined;
    if (component.value === null || !tab) continue;
    rated.push([
      component.value,
      { ...named(component), value: tenths(component.value), flag: null, evidence: [], tab },
    ]);
  }
  for (const signal of result.signals) {
    const value = onTen(signal);
    if (value === null || signal.kind !== "judged" || signal.evidence.length === 0) continue;
    rated.push([
      value,
      { ...named(signal), value: tenths(value), flag: null, evidence: signal.evidence, tab: "signals" },
    ]);
  }
  const flagged = result.signals.flatMap((signal): Highlight[] => {
    const message = signal.flag?.message ?? signal.contradicted?.message;
    return message
      ? [
          {
            ...named(signal),
            value: null,
            flag: message,
            evidence: signal.evidence,
            tab: "signals",
          },
        ]
      : [];
  });
  const flaggedNames = new Set(flagged.map(({ name }) => name));
  const doubted = new Set(result.signals.flatMap(({ name, contradicted }) => (contradicted ? [name] : [])));
  const best = rated
    .filter(([value, { name }]) => value >= STRONG && !doubted.has(name))
    .sort(([a], [b]) => b - a);
  const worst = rated
    .filter(([value, { name }]) => value <= WEAK && !flaggedNames.has(name))
    .sort(([a], [b]) => a - b);
  return {
    strengths: best.slice(0, MOST).map(([, highlight]) => highlight),
    concerns: [...flagged, ...worst.map(([, highlight]) => highlight)].slice(
      0,
      Math.max(MOST, flagged.length),
    ),
  };
}

/** A signal's value on a scale of 10 where more is better; null where it has none. */
function onTen({ value, range, direction }: Signal): number | null {
  const [low = 0, high = 0] = range ?? [];
  if (typeof value !== "number" || direction === "neutral" || high <= low) return null;
  const share = (value - low) / (high - low);
  return 10 * (direction === "lower" ? 1 - share : share);
}

const named = ({ name, title }: { name: string; title: string }) => ({ name, title });
const tenths = (value: number) => `${value.toFixed(1)} of 10`;
