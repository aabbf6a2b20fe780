// What lies behind a signal's value, as far as it can be read without knowing the signal: counts, and runs of numbers.
import { count, titled } from "@/format/format";
import { Disclosure, Facts } from "@/ui/layout";

export function SignalDetail({ detail }: { detail: Record<string, unknown> }) {
  const entries = Object.entries(detail);
  const counts = entries.flatMap(([name, value]): [string, string][] =>
    typeof value === "number" ? [[titled(name), figure(value)]] : [],
  );
  const runs = entries.flatMap(([name, value]): [string, number[]][] =>
    isRun(value) ? [[titled(name), value]] : [],
  );
  if (counts.length + runs.length === 0) return null;
  return (
    <Disclosure summary="In detail">
      <div className="flex flex-col gap-4 pl-5.5">
        {counts.length > 0 && <Facts facts={counts} />}
        {runs.map(([name, run]) => (
          <Columns key={name} name={name} run={run} />
        ))}
      </div>
    </Disclosure>
  );
}

const isRun = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 1 && value.every((entry) => typeof entry === "number");

const figure = (value: number) => (Number.isInteger(value) ? count(value) : String(Number(value.toFixed(2))));

function Columns({ name, run }: { name: string; run: number[] }) {
  const most = Math.max(...run, 1);
  const said = run.map(figure).join(", ");
  return (
    <figure className="max-w-md">
      <div role="img" aria-label={`${name}: ${said}`} className="flex h-12 items-end gap-px">
        {run.map((value, index) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: the numbers are in the order of the session.
            key={index}
            title={figure(value)}
            className="min-w-px max-w-6 flex-1 rounded-t-xs bg-accent"
            style={{ height: `${Math.max(2, (100 * value) / most)}%` }}
          />
        ))}
      </div>
      <figcaption className="mt-1 text-muted text-xs">
        {name}, in order; the highest is {figure(Math.max(...run))}
      </figcaption>
    </figure>
  );
}
