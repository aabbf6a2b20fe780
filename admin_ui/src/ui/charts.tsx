// Small charts in plain markup: a value on its scale, and a whole cut into its parts.
import { cx } from "./class-names";

/** A value on its range. Screen readers get it from the text beside it, so the bar itself is silent. */
export function Bar({
  value,
  range = [0, 1],
  tone = "accent",
  className,
}: {
  value: number | null;
  range?: readonly number[];
  tone?: "accent" | "success" | "warning" | "danger" | "neutral";
  className?: string;
}) {
  const [low = 0, high = 1] = range;
  const share = value === null || high <= low ? 0 : Math.min(1, Math.max(0, (value - low) / (high - low)));
  const tones = {
    accent: "bg-accent",
    success: "bg-success",
    warning: "bg-warning",
    danger: "bg-danger",
    neutral: "bg-line-strong",
  };
  return (
    <div
      aria-hidden
      className={cx(
        "h-1.5 w-full overflow-hidden rounded-full",
        value === null ? "hatched" : "bg-hover",
        className,
      )}
    >
      {value !== null && (
        <div className={cx("h-full rounded-full", tones[tone])} style={{ width: `${share * 100}%` }} />
      )}
    </div>
  );
}

export interface Part {
  name: string;
  title: string;
  /** A shorter title, to be written on the part where it is wide enough. */
  caption?: string;
  /** The part's share of the whole, 0 to 1. */
  share: number;
  /** How much of the part is filled, 0 to 1; null is a part without a value. */
  filled?: number | null;
}

const WIDE_ENOUGH_FOR_A_NAME = 0.14;

/** A whole as one bar: each part as wide as its weight, and filled as far as its value goes. */
export function PartsBar({ parts, label, tall = false }: { parts: Part[]; label: string; tall?: boolean }) {
  return (
    <div role="img" aria-label={label} className="flex w-full gap-0.5">
      {parts
        .filter(({ share }) => share > 0)
        .map((part) => (
          <div
            key={part.name}
            title={part.title}
            className="group/part min-w-0.5"
            style={{ flexGrow: part.share, flexBasis: 0 }}
          >
            <div
              className={cx(
                "relative overflow-hidden group-first/part:rounded-l-sm group-last/part:rounded-r-sm",
                part.filled === null ? "hatched" : "bg-accent-soft",
                tall ? "h-10" : "h-3",
              )}
            >
              {part.filled !== null && (
                <div
                  className="absolute inset-x-0 bottom-0 bg-accent"
                  style={{ height: `${Math.min(1, Math.max(0, part.filled ?? 1)) * 100}%` }}
                />
              )}
            </div>
            {tall && part.share >= WIDE_ENOUGH_FOR_A_NAME && (
              <p className="mt-1 truncate text-2xs text-muted max-sm:hidden">{part.caption ?? part.title}</p>
            )}
          </div>
        ))}
    </div>
  );
}
