// A weight vector: as one bar that shows the mix, and as a list that can be read.
import type { Weights } from "@/api/types";
import { percent, titled } from "@/format/format";
import { Bar, PartsBar } from "@/ui/charts";

export function WeightsView({
  weights,
  components,
}: {
  weights: Weights;
  components: { name: string; title: string; help: string }[];
}) {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const mix = Object.entries(weights)
    .filter(([, weight]) => weight > 0)
    .map(([name, weight]) => ({
      name,
      title: components.find((component) => component.name === name)?.title ?? titled(name),
      share: total > 0 ? weight / total : 0,
    }))
    .sort((a, b) => b.share - a.share);
  const largest = mix[0]?.share ?? 1;
  return (
    <div className="flex flex-col gap-3">
      <PartsBar
        parts={mix.map((part) => ({ ...part, title: `${part.title}: ${percent(part.share)}` }))}
        label={`Weights: ${mix.map((part) => `${part.title} ${percent(part.share)}`).join(", ")}`}
      />
      <ul className="flex flex-col gap-1.5">
        {mix.map((part) => (
          <li key={part.name} className="grid grid-cols-[1fr_6rem_3rem] items-center gap-3 text-sm">
            <span className="truncate" title={part.title}>
              {part.title}
            </span>
            <Bar value={part.share} range={[0, largest]} />
            <span className="text-right text-muted tabular-nums">{percent(part.share)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
