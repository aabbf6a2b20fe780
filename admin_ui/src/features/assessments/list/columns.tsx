// What the list shows of an assessment: as columns, and as a card on a phone.
import type { AssessmentSummary } from "@/api/types";
import { ago, at } from "@/format/format";
import { href } from "@/router/router";
import type { Columns } from "@/ui/DataTable";
import { FlagCount, nameOf, ScoreCell, StateChip } from "../parts";

function CandidateLink({ assessment }: { assessment: AssessmentSummary }) {
  const { email } = assessment.candidate;
  const name = nameOf(assessment.candidate);
  return (
    <a
      data-row-link
      href={href(`/assessments/${assessment.id}`)}
      className="block min-w-0 max-w-64 rounded-sm"
    >
      <span className="block truncate font-medium" title={name}>
        {name}
      </span>
      <span className="block truncate text-muted text-xs" title={email ?? undefined}>
        {email ?? "Blind review"}
      </span>
    </a>
  );
}

/** The last thing that happened, which is what tells a recruiter whether there is something to do. */
export function lastStep(assessment: AssessmentSummary): { what: string; when: string | null } {
  const { state, submitted_at, started_at, created_at, expires_at } = assessment;
  if (submitted_at) return { what: "Submitted", when: submitted_at };
  if (state === "expired") return { what: "Expired", when: expires_at };
  if (started_at) return { what: "Started", when: started_at };
  return { what: "Created", when: created_at };
}

function LastStep({ assessment }: { assessment: AssessmentSummary }) {
  const { what, when } = lastStep(assessment);
  return (
    <span className="block text-sm whitespace-nowrap" title={at(when)}>
      {what} <span className="block text-muted text-xs max-md:inline">{ago(when)}</span>
    </span>
  );
}

export const assessmentColumns: Columns<AssessmentSummary> = [
  { id: "candidate", header: "Candidate", cell: ({ row }) => <CandidateLink assessment={row.original} /> },
  {
    id: "task",
    header: "Task",
    cell: ({ row: { original } }) => (
      <span className="block max-w-64 truncate" title={original.task.title}>
        {original.task.title}
      </span>
    ),
  },
  {
    id: "state",
    header: "State and flags",
    cell: ({ row }) => (
      <div className="flex flex-wrap gap-1.5">
        <StateChip assessment={row.original} />
        <FlagCount count={row.original.flag_count} />
      </div>
    ),
  },
  { id: "score", header: "Score, 0–100", cell: ({ row }) => <ScoreCell assessment={row.original} /> },
  { id: "last", header: "Last step", cell: ({ row }) => <LastStep assessment={row.original} /> },
];

export function AssessmentCard({ assessment }: { assessment: AssessmentSummary }) {
  return (
    <div className="flex flex-col gap-2.5">
      <div className="flex items-start justify-between gap-3">
        <CandidateLink assessment={assessment} />
        <StateChip assessment={assessment} />
      </div>
      <p className="truncate text-sm">{assessment.task.title}</p>
      <div className="flex flex-wrap items-center justify-between gap-2 text-xs">
        <ScoreCell assessment={assessment} />
        <FlagCount count={assessment.flag_count} />
        <LastStep assessment={assessment} />
      </div>
    </div>
  );
}
