// Which page answers which address. Pages are loaded when they are first opened.
import { type ComponentType, lazy } from "react";
import { AssessmentsPage } from "@/features/assessments/list/AssessmentsPage";
import { match, type Params } from "@/router/router";

type Page = ComponentType<{ params: Params }>;

// The list is what most sessions open with, so it comes with the shell; the rest follows on demand.
const routes: [pattern: string, page: Page][] = [
  ["/", AssessmentsPage],
  ["/sign-in", AssessmentsPage],
  ["/assessments", AssessmentsPage],
  ["/assessments/new", lazy(() => import("@/features/assessments/create/CreateAssessmentPage"))],
  ["/assessments/:id/:tab?", lazy(() => import("@/features/assessments/detail/AssessmentPage"))],
  ["/candidates", lazy(() => import("@/features/candidates/CandidatesPage"))],
  ["/tasks", lazy(() => import("@/features/tasks/TasksPage"))],
  ["/tasks/:id", lazy(() => import("@/features/tasks/TaskPage"))],
  ["/settings/:section?", lazy(() => import("@/features/settings/SettingsPage"))],
];

export function resolve(path: string): { Page: Page; params: Params; key: string } | null {
  for (const [pattern, Page] of routes) {
    const params = match(pattern, path);
    // Tabs of one page are one place: going between them keeps the page.
    if (params) return { Page, params, key: pattern + (params.id ?? "") };
  }
  return null;
}
