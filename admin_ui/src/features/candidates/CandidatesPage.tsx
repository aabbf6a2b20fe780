// The people who were, or may be, invited.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { Candidate } from "@/api/types";
import { useMay } from "@/api/use-session";
import { day, text } from "@/format/format";
import { href, setQuery, useLocation } from "@/router/router";
import { Button, ButtonLink } from "@/ui/Button";
import { type Columns, DataTable, TableSkeleton } from "@/ui/DataTable";
import { PageHeader } from "@/ui/layout";
import { LoadMore, SearchField } from "@/ui/list-tools";
import { Empty, Loaded } from "@/ui/states";
import { CreateCandidateDialog } from "./CreateCandidateDialog";
import { candidateList } from "./queries";

export default function CandidatesPage() {
  const { query } = useLocation();
  const q = query.get("q") ?? "";
  const list = useInfiniteQuery({ ...candidateList(q), placeholderData: keepPreviousData });
  const mayCreate = useMay("recruiter");
  const [creating, setCreating] = useState(false);
  const create = mayCreate && (
    <Button look="primary" onClick={() => setCreating(true)}>
      <Plus aria-hidden /> Add candidate
    </Button>
  );

  return (
    <>
      <PageHeader title="Candidates" actions={create} />
      <div className="mb-4">
        <SearchField
          label="Search by name or e-mail"
          value={q}
          onSearch={(value) => setQuery({ q: value })}
        />
      </div>
      <Loaded
        query={list}
        loading={<TableSkeleton label="candidates" />}
        errorTitle="The candidates could not be loaded"
      >
        {({ pages }) => {
          const rows = pages.flatMap(({ data }) => data);
          if (rows.length === 0) {
            return q ? (
              <Empty
                title="Nobody fits"
                action={<ButtonLink href={href("/candidates")}>Show all candidates</ButtonLink>}
              >
                No name or e-mail address holds “{q}”.
              </Empty>
            ) : (
              <Empty title="No candidates yet" action={create}>
                Candidates are added here, or along with their first assessment.
              </Empty>
            );
          }
          return (
            <div aria-busy={list.isPlaceholderData} className={list.isPlaceholderData ? "opacity-60" : ""}>
              <DataTable
                label="Candidates"
                columns={columns}
                rows={rows}
                rowHref={assessmentsOf}
                card={(row) => <CandidateCard candidate={row} />}
              />
              <LoadMore query={list} shown={rows.length} what="candidate" />
            </div>
          );
        }}
      </Loaded>
      <CreateCandidateDialog open={creating} onOpenChange={setCreating} />
    </>
  );
}

const assessmentsOf = (candidate: Candidate) => href("/assessments", { q: candidate.email });

function CandidateName({ candidate }: { candidate: Candidate }) {
  return (
    <a
      data-row-link
      href={assessmentsOf(candidate)}
      aria-label={`${candidate.full_name}: see assessments`}
      className="block max-w-72 truncate rounded-sm font-medium"
    >
      {candidate.full_name}
    </a>
  );
}

function InviteLink({ candidate }: { candidate: Candidate }) {
  if (!useMay("recruiter")) return null;
  return (
    <ButtonLink size="small" look="ghost" href={href("/assessments/new", { candidate: candidate.email })}>
      Create assessment
      <span className="sr-only"> for {candidate.full_name}</span>
    </ButtonLink>
  );
}

const columns: Columns<Candidate> = [
  { id: "name", header: "Name", cell: ({ row }) => <CandidateName candidate={row.original} /> },
  {
    id: "email",
    header: "E-mail",
    cell: ({ row }) => <span className="block max-w-72 truncate">{row.original.email}</span>,
  },
  {
    id: "external",
    header: "Your reference",
    cell: ({ row }) => (
      <span className="block max-w-40 truncate text-muted">
        {text(row.original.external_ids.map(({ id }) => id).join(", "))}
      </span>
    ),
  },
  {
    id: "added",
    header: "Added",
    cell: ({ row }) => <span className="text-muted whitespace-nowrap">{day(row.original.created_at)}</span>,
  },
  {
    id: "invite",
    header: () => <span className="sr-only">Actions</span>,
    cell: ({ row }) => (
      <div className="text-right">
        <InviteLink candidate={row.original} />
      </div>
    ),
  },
];

function CandidateCard({ candidate }: { candidate: Candidate }) {
  return (
    <div className="flex flex-col gap-1">
      <CandidateName candidate={candidate} />
      <p className="truncate text-muted text-sm">{candidate.email}</p>
      <div className="flex items-center justify-between text-muted text-xs">
        Added {day(candidate.created_at)}
        <InviteLink candidate={candidate} />
      </div>
    </div>
  );
}
