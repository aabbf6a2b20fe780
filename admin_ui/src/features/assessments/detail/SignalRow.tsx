// One signal: its value on its scale, which way is better, what it means, its flag and its evidence.
import { ArrowDown, ArrowUp, Flag, Minus, Scale } from "lucide-react";
import { Fragment, useEffect, useRef } from "react";
import type { Signal } from "@/api/report";
import { count, UNKNOWN } from "@/format/format";
import { Badge } from "@/ui/Badge";
import { Bar } from "@/ui/charts";
import { cx } from "@/ui/class-names";
import { Disclosure } from "@/ui/layout";
import { DIRECTION } from "@/words";
import { EvidenceList } from "./EvidenceList";
import { SignalDetail } from "./SignalDetail";

const ICON = { higher: ArrowUp, lower: ArrowDown, neutral: Minus };

export function SignalRow({
  signal,
  assessmentId,
  target,
}: {
  signal: Signal;
  assessmentId: string;
  target: boolean;
}) {
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (target) row.current?.scrollIntoView({ block: "center" });
  }, [target]);

  return (
    <li
      ref={row}
      className={cx(
        "grid gap-x-8 gap-y-3 border-line border-b p-4 last:border-b-0 md:grid-cols-[minmax(0,1fr)_13rem]",
        target && "jumped-to rounded-lg",
      )}
    >
      <div className="min-w-0">
        <h3 className="font-medium">
          {signal.title}{" "}
          <Badge className="ml-1 align-middle">{signal.kind === "judged" ? "Judged" : "Measured"}</Badge>
        </h3>
        <p className="mt-0.5 max-w-prose text-muted text-sm">{signal.help}</p>
      </div>
      <SignalValue signal={signal} />
      {signal.flag && (
        <p className="flex items-start gap-2 rounded-md bg-warning-soft px-3 py-2 text-sm md:col-span-2">
          <Flag aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
          <span>
            <span className="font-medium text-warning">Worth a look: </span>
            {signal.flag.message}
          </span>
        </p>
      )}
      {signal.contradicted && (
        <p className="flex items-start gap-2 rounded-md bg-warning-soft px-3 py-2 text-sm md:col-span-2">
          <Scale aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
          <span>
            <span className="font-medium text-warning">Contradicted by what was measured: </span>
            {signal.contradicted.message}
          </span>
        </p>
      )}
      {typeof signal.detail.why === "string" && (
        <p className={cx("max-w-prose text-sm md:col-span-2", wasDropped(signal) && "text-muted")}>
          <span className="text-muted">
            {wasDropped(signal) ? "Said without evidence: " : "The judge’s reason: "}
          </span>
          {signal.detail.why}
        </p>
      )}
      {signal.evidence.length > 0 && (
        <div className="min-w-0 md:col-span-2">
          <EvidenceList assessmentId={assessmentId} evidence={signal.evidence} />
        </div>
      )}
      <div className="md:col-span-2 empty:hidden">
        <SignalDetail detail={signal.detail} />
        <Anchors signal={signal} />
      </div>
    </li>
  );
}

const DROPPED = new Set(["no_evidence", "out_of_scale", "too_little_quoted"]);

/** A judge gave a value and it did not hold: what is said for it stands on nothing either. */
const wasDropped = ({ value, reason }: Signal) => value === null && DROPPED.has(reason ?? "");

/** The written rubric that the value was given by; the step that it is nearest to stands out. */
function Anchors({ signal: { anchors, value } }: { signal: Signal }) {
  if (anchors.length === 0) return null;
  const nearest =
    value === null
      ? null
      : anchors.reduce((best, one) =>
          Math.abs(one.value - value) < Math.abs(best.value - value) ? one : best,
        );
  return (
    <Disclosure summary="What the numbers mean">
      <dl className="grid max-w-prose grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 pl-5.5 text-sm">
        {anchors.map((anchor) => (
          <Fragment key={anchor.value}>
            <dt
              className={cx("text-right tabular-nums", anchor === nearest ? "font-semibold" : "text-muted")}
            >
              {anchor.value}
            </dt>
            <dd className={cx(anchor !== nearest && "text-muted")}>{anchor.text}</dd>
          </Fragment>
        ))}
      </dl>
    </Disclosure>
  );
}

function SignalValue({ signal }: { signal: Signal }) {
  const { value, range, direction } = signal;
  const Icon = ICON[direction] ?? Minus;
  const number = typeof value === "number" ? value : null;
  return (
    <div className="flex flex-col gap-1.5 md:items-end md:text-right">
      <p className={cx("font-semibold text-base tabular-nums", value === null && "text-muted")}>
        {displayOf(signal)}
      </p>
      {value === null && (signal.reason_text ?? signal.reason) && (
        <p className="text-muted text-xs">{signal.reason_text ?? signal.reason}</p>
      )}
      {range && number !== null && isScale(range) && (
        <Bar
          value={number}
          range={range}
          tone={direction === "neutral" ? "neutral" : "accent"}
          className="max-w-52"
        />
      )}
      <p className="inline-flex items-center gap-1 text-muted text-xs">
        <Icon aria-hidden className="size-3" />
        {DIRECTION[direction] ?? direction}
      </p>
    </div>
  );
}

// A range may only say what is possible at all (a number of prompts up to ten thousand): that is no scale to read by.
const LONGEST_SCALE = 100;
const isScale = ([low = 0, high = 0]: number[]) => high - low <= LONGEST_SCALE;

/** The server's words for the value; failing those, the bare number with its unit. */
export function displayOf({ display, value, unit }: Signal): string {
  if (value === null) return UNKNOWN;
  if (display) return display;
  if (typeof value === "number") return [count(value), unit].filter(Boolean).join(" ");
  return UNKNOWN;
}
