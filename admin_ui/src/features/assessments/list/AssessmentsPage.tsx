// The list of assessments: searched and filtered by the server, fresh while something is under way.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import type { AssessmentState } from "@/api/types";
import { useMay } from "@/api/use-session";
import { href, setQuery, useLocation } from "@/router/router";
import { ButtonLink } from "@/ui/Button";
import { DataTable, TableSkeleton } from "@/ui/DataTable";
import { PageHeader } from "@/ui/layout";
import { LoadMore, SearchField, Segments } from "@/ui/list-tools";
import { Empty, Loaded } from "@/ui/states";
import { STATUS, words } from "@/words";
import { type AssessmentFilter, assessmentList } from "../queries";
import { AssessmentCard, assessmentColumns } from "./columns";

const STATUSES = Object.keys(STATUS) as AssessmentState[];

function useFilter(): AssessmentFilter {
  const { query } = useLocation();
  return {
    q: query.get("q") ?? "",
    status: STATUSES.find((status) => status === query.get("status")) ?? null,
  };
}

export function AssessmentsPage() {
  const filter = useFilter();
  const mayCreate = useMay("recruiter");
  const list = useInfiniteQuery({ ...assessmentList(filter), placeholderData: keepPreviousData });
  const filtered = filter.q !== "" || filter.status !== null;
  const create = mayCreate && (
    <ButtonLink look="primary" href={href("/assessments/new")}>
      <Plus aria-hidden /> Create assessment
    </ButtonLink>
  );

  return (
    <>
      <PageHeader title="Assessments" actions={create} />
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <SearchField label="Search by candidate" value={filter.q} onSearch={(q) => setQuery({ q })} />
        <Segments
          label="Status"
          value={filter.status ?? ""}
          options={[
            { value: "", label: "All" },
            ...STATUSES.map((value) => ({ value, label: STATUS[value]?.label ?? value })),
          ]}
          onChange={(status) => setQuery({ status })}
        />
      </div>
      <Loaded
        query={list}
        loading={<TableSkeleton label="assessments" />}
        errorTitle="The assessments could not be loaded"
      >
        {({ pages }) => {
          const rows = pages.flatMap(({ data }) => data);
          if (rows.length === 0 && filtered) {
            return (
              <Empty
                title="No assessment matches"
                action={<ButtonLink href={href("/assessments")}>Show all assessments</ButtonLink>}
              >
                Nothing fits this search and status together.
              </Empty>
            );
          }
          if (rows.length === 0) return <Empty title={words.noAssessments} action={create} />;
          return (
            <div aria-busy={list.isPlaceholderData} className={list.isPlaceholderData ? "opacity-60" : ""}>
              <DataTable
                label="Assessments"
                columns={assessmentColumns}
                rows={rows}
                rowHref={(row) => href(`/assessments/${row.id}`)}
                card={(row) => <AssessmentCard assessment={row} />}
              />
              <LoadMore query={list} shown={rows.length} what="assessment" />
            </div>
          );
        }}
      </Loaded>
    </>
  );
}
