// What the score is made of: each component's weight, value and share of the points, or why it has none.
import type { Component } from "@/api/report";
import { percent, score, UNKNOWN } from "@/format/format";
import { Bar } from "@/ui/charts";
import { Section } from "@/ui/layout";

export function ComponentsTable({
  components,
  coverage,
}: {
  components: Component[];
  coverage: number | null;
}) {
  const valued = components.filter(({ value }) => value !== null);
  return (
    <Section
      title="Components"
      description="Points are what a component adds to the 100, out of the most it could."
    >
      <div className="rounded-lg border border-line bg-raised">
        <table className="w-full text-sm">
          <thead className="max-sm:sr-only">
            <tr className="border-line border-b text-left text-muted text-xs [&_th]:px-3 [&_th]:py-2 [&_th]:font-medium">
              <th scope="col">Component</th>
              <th scope="col" className="text-right">
                Weight
              </th>
              <th scope="col" className="w-2/5">
                Value, 0–10
              </th>
              <th scope="col" className="text-right">
                Points
              </th>
            </tr>
          </thead>
          <tbody>
            {valued.map((component) => (
              <ValuedRow key={component.name} component={component} coverage={coverage} />
            ))}
            {withoutValue(components).map((group) => (
              <WithoutValueRow key={group.reason} {...group} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** Components without a value, by their reason: nine times the same sentence would hide what there is. */
export function withoutValue(components: Component[]): { reason: string; members: Component[] }[] {
  const groups = new Map<string, Component[]>();
  for (const component of components) {
    if (component.value !== null) continue;
    const reason = component.reason_text ?? component.reason ?? "No reason was given.";
    groups.set(reason, [...(groups.get(reason) ?? []), component]);
  }
  return [...groups].map(([reason, members]) => ({ reason, members }));
}

const rowClass = "border-line border-b last:border-b-0 [&>*]:px-3 [&>*]:py-2.5 [&>*]:align-top";

function ValuedRow({ component, coverage }: { component: Component; coverage: number | null }) {
  const { title, help, value, weight, contribution } = component;
  const most = coverage ? (weight / coverage) * 100 : null;
  return (
    <tr className={rowClass}>
      <th scope="row" className="text-left font-normal">
        <span className="font-medium">{title}</span>
        <span className="block max-w-md text-muted text-xs">{help}</span>
      </th>
      <td className="text-right tabular-nums max-sm:hidden">{percent(weight)}</td>
      <td className="w-2/5 sm:min-w-44">
        <div className="flex items-center gap-3">
          <span className="w-9 shrink-0 text-right font-medium tabular-nums">{score(value)}</span>
          <Bar value={value} range={[0, 10]} />
        </div>
      </td>
      <td className="text-right whitespace-nowrap tabular-nums max-sm:hidden">
        {score(contribution)}
        {most !== null && <span className="text-muted"> of {score(most)}</span>}
      </td>
    </tr>
  );
}

function WithoutValueRow({ reason, members }: { reason: string; members: Component[] }) {
  const weight = members.reduce((sum, member) => sum + member.weight, 0);
  return (
    <tr className={rowClass}>
      <th scope="row" className="text-left font-normal">
        <span className="font-medium">{members.map(({ title }) => title).join(", ")}</span>
      </th>
      <td className="text-right tabular-nums max-sm:hidden">{percent(weight)}</td>
      <td colSpan={2} className="text-muted">
        {UNKNOWN} <span className="text-xs">{reason}</span>
      </td>
    </tr>
  );
}
