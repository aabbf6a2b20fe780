// Where a piece of evidence is to be seen, and what to call it.
import type { Evidence } from "@/api/report";
import { clock } from "@/format/format";
import { href } from "@/router/router";

/** The address of the moment that a piece of evidence points at; null where it points at nothing that can be opened. */
export function evidenceHref(assessmentId: string, evidence: Evidence): string | null {
  const base = `/assessments/${assessmentId}`;
  switch (evidence.kind) {
    case "prompt":
      if (evidence.prompt_index != null)
        return href(`${base}/conversation`, { prompt: evidence.prompt_index });
      return evidence.turn_id ? href(`${base}/conversation`, { turn: evidence.turn_id }) : null;
    case "event":
      return evidence.event_seq != null ? href(`${base}/timeline`, { event: evidence.event_seq }) : null;
    case "line":
      return evidence.path ? href(`${base}/code`, { path: evidence.path, line: evidence.line }) : null;
    case "test":
      return href(`${base}/tests`, { test: evidence.path ?? evidence.quote });
    default:
      return null;
  }
}

export function evidenceLabel(evidence: Evidence): string {
  switch (evidence.kind) {
    case "prompt":
      return evidence.prompt_index != null ? `Prompt ${evidence.prompt_index}` : "A prompt";
    case "event":
      return evidence.at ? `At ${clock(evidence.at)}` : `Event ${evidence.event_seq ?? ""}`.trim();
    case "line":
      return [evidence.path ?? "A file", evidence.line].filter((part) => part != null).join(":");
    case "test":
      return evidence.path ?? "A test";
    default:
      return "Evidence";
  }
}
