// Evidence as it is read: the quote, what it shows, and the way to the moment it comes from.
import { ArrowUpRight } from "lucide-react";
import type { Evidence } from "@/api/report";
import { Disclosure } from "@/ui/layout";
import { evidenceHref, evidenceLabel } from "./evidence";

export function EvidenceList({
  assessmentId,
  evidence,
  shown = 2,
}: {
  assessmentId: string;
  evidence: Evidence[];
  shown?: number;
}) {
  if (evidence.length === 0) return null;
  const rest = evidence.slice(shown);
  return (
    <div>
      <Items assessmentId={assessmentId} evidence={evidence.slice(0, shown)} />
      {rest.length > 0 && (
        <Disclosure summary={`${rest.length} more`}>
          <Items assessmentId={assessmentId} evidence={rest} />
        </Disclosure>
      )}
    </div>
  );
}

function Items({ assessmentId, evidence }: { assessmentId: string; evidence: Evidence[] }) {
  return (
    <ul className="flex flex-col gap-1.5">
      {evidence.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the evidence of one result keeps its order.
        <li key={index} className="text-sm">
          {item.quote && (
            <q className="mb-1 line-clamp-3 border-line-strong border-l-2 pl-2.5 text-muted [quotes:none]">
              {item.quote}
            </q>
          )}
          {item.note && <span className="mr-2">{item.note}</span>}
          <EvidenceLink assessmentId={assessmentId} evidence={item} />
        </li>
      ))}
    </ul>
  );
}

function EvidenceLink({ assessmentId, evidence }: { assessmentId: string; evidence: Evidence }) {
  const to = evidenceHref(assessmentId, evidence);
  const label = evidenceLabel(evidence);
  if (!to) return <span className="text-muted text-xs">{label}</span>;
  return (
    <a
      href={to}
      className="inline-flex items-center gap-0.5 rounded-sm text-accent-ink text-xs hover:underline"
    >
      {label}
      <ArrowUpRight aria-hidden className="size-3" />
    </a>
  );
}
