// Strengths and concerns, each with the evidence it stands on.
import { Flag } from "lucide-react";
import type { Result } from "@/api/report";
import { href } from "@/router/router";
import { Panel, Section } from "@/ui/layout";
import { EvidenceList } from "./EvidenceList";
import { type Highlight, highlights, STRONG, WEAK } from "./highlights";

export function Highlights({ assessmentId, result }: { assessmentId: string; result: Result }) {
  const { strengths, concerns } = highlights(result);
  return (
    <div className="grid gap-6 xl:grid-cols-2">
      <Column
        title="Strengths"
        rule={`Values of ${STRONG} or more`}
        none="Nothing reached 7 of 10 with evidence to show."
        items={strengths}
        assessmentId={assessmentId}
      />
      <Column
        title="Concerns"
        rule={`Values of ${WEAK} or less, and flags`}
        none="Nothing was flagged, and no value is at 4 of 10 or below."
        items={concerns}
        assessmentId={assessmentId}
      />
    </div>
  );
}

const TAB_WORDS = { tests: "See the tests", code: "See the findings", signals: "See the signal" };

function Column({
  title,
  rule,
  none,
  items,
  assessmentId,
}: {
  title: string;
  rule: string;
  none: string;
  items: Highlight[];
  assessmentId: string;
}) {
  return (
    <Section title={title} description={rule}>
      <Panel>
        {items.length === 0 && <p className="p-4 text-muted text-sm">{none}</p>}
        <ul>
          {items.map((item) => (
            <li key={item.name} className="flex flex-col gap-1.5 border-line border-b p-4 last:border-b-0">
              <p className="flex items-baseline justify-between gap-3">
                <span className="font-medium">{item.title}</span>
                {item.value && <span className="text-muted text-xs whitespace-nowrap">{item.value}</span>}
              </p>
              {item.flag && (
                <p className="flex items-start gap-1.5 text-sm text-warning">
                  <Flag aria-hidden className="mt-1 size-3.5 shrink-0" />
                  {item.flag}
                </p>
              )}
              <EvidenceList assessmentId={assessmentId} evidence={item.evidence} shown={1} />
              {item.evidence.length === 0 && (
                <a
                  href={href(`/assessments/${assessmentId}/${item.tab}`, {
                    signal: item.tab === "signals" ? item.name : null,
                  })}
                  className="self-start rounded-sm text-accent-ink text-xs hover:underline"
                >
                  {TAB_WORDS[item.tab]}
                </a>
              )}
            </li>
          ))}
        </ul>
      </Panel>
    </Section>
  );
}
