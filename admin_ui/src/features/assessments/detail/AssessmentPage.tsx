// One assessment: who, what and how far, with a tab for each way of looking at it.
import { useQuery } from "@tanstack/react-query";
import { type ComponentType, lazy, Suspense } from "react";
import type { AssessmentDetail } from "@/api/report";
import { count } from "@/format/format";
import { href, type Params } from "@/router/router";
import { PageHeader, TabBar } from "@/ui/layout";
import { Empty, Loaded, LoadingPanel } from "@/ui/states";
import { FlagCount, nameOf, StateChip } from "../parts";
import { assessmentDetail } from "../queries";
import { AssessmentActions } from "./AssessmentActions";

export type TabProps = { assessment: AssessmentDetail };

const TABS: Record<string, { label: string; Body: ComponentType<TabProps> }> = {
  overview: { label: "Overview", Body: lazy(() => import("./OverviewTab")) },
  signals: { label: "Signals", Body: lazy(() => import("./SignalsTab")) },
  conversation: { label: "Conversation", Body: lazy(() => import("./ConversationTab")) },
  code: { label: "Code", Body: lazy(() => import("./CodeTab")) },
  tests: { label: "Tests", Body: lazy(() => import("./TestsTab")) },
  timeline: { label: "Timeline", Body: lazy(() => import("./TimelineTab")) },
  invite: { label: "Invitation", Body: lazy(() => import("./InviteTab")) },
};

/** Before a start there is nothing to read but the invitation; after the end the invitation leads nowhere. */
function tabsOf({ state }: AssessmentDetail): string[] {
  if (state === "invited") return ["overview", "invite"];
  const names = Object.keys(TABS).filter((name) => name !== "invite");
  if (state === "completed") return names;
  return state === "in_progress" ? [...names, "invite"] : ["overview"];
}

const crumbs = [{ label: "Assessments", href: href("/assessments") }];

export default function AssessmentPage({ params }: { params: Params }) {
  const id = params.id ?? "";
  const tab = params.tab ?? "overview";
  const query = useQuery(assessmentDetail(id));
  return (
    <>
      <Header assessment={query.data} tab={tab} />
      <Loaded
        query={query}
        loading={<LoadingPanel label="Loading the assessment" rows={8} />}
        errorTitle="The assessment could not be loaded"
      >
        {(assessment) => <Parts assessment={assessment} tab={tab} />}
      </Loaded>
    </>
  );
}

/** One header before and after the answer, so that the heading keeps the focus it was given on arrival. */
function Header({ assessment, tab }: { assessment: AssessmentDetail | undefined; tab: string }) {
  if (!assessment) return <PageHeader title="Assessment" crumbs={crumbs} />;
  const { candidate, task } = assessment;
  return (
    <PageHeader
      title={nameOf(candidate)}
      crumbs={crumbs}
      pageTitle={`${nameOf(candidate)}: ${TABS[tab]?.label ?? "Assessment"}`}
      description={
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <StateChip assessment={assessment} />
          <FlagCount count={assessment.flag_count} />
          <span className="break-all">{candidate.email ?? "Blind review: hidden until a decision"}</span>
          <a href={href(`/tasks/${task.id}`)} className="rounded-sm text-accent-ink hover:underline">
            {task.title}
          </a>
        </div>
      }
      actions={<AssessmentActions assessment={assessment} />}
    />
  );
}

function Parts({ assessment, tab }: { assessment: AssessmentDetail; tab: string }) {
  const chosen = TABS[tab];
  return (
    <>
      <TabBar
        label="Parts of the assessment"
        tabs={tabsOf(assessment).map((name) => ({
          label: TABS[name]?.label ?? name,
          href: href(`/assessments/${assessment.id}/${name}`),
          current: name === tab,
          badge: <TabBadge name={name} assessment={assessment} />,
        }))}
      />
      {chosen ? (
        <Suspense fallback={<LoadingPanel />}>
          <chosen.Body assessment={assessment} />
        </Suspense>
      ) : (
        <Empty title="There is no such part of an assessment" />
      )}
    </>
  );
}

function TabBadge({ name, assessment: { result } }: { name: string; assessment: AssessmentDetail }) {
  const text =
    name === "signals" && result
      ? count(result.signals.length)
      : name === "tests" && result && result.tests.total > 0
        ? `${result.tests.passed}/${result.tests.total}`
        : null;
  return text && <span className="text-muted text-xs tabular-nums">{text}</span>;
}
