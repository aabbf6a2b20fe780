// Everything that is asked of, or told to, the server about assessments.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "@/api/client";
import type { Prompt, TimelineEvent } from "@/api/report";
import type { AssessmentState, AssessmentSummary, NewAssessment } from "@/api/types";

const keys = {
  all: ["assessments"] as const,
  lists: ["assessments", "list"] as const,
  one: (id: string) => ["assessments", "one", id] as const,
  part: (id: string, part: string) => ["assessments", "one", id, part] as const,
};

export interface AssessmentFilter {
  q: string;
  status: AssessmentState | null;
}

const SCORING_POLL_MS = 3_000;
const OPEN_POLL_MS = 5_000;

/** How soon to look again: soon while a score is being made, now and then while a candidate may act, else never. */
export function pollInterval(shown: Pick<AssessmentSummary, "state" | "scoring_state">[]): number | false {
  if (shown.some(({ scoring_state }) => scoring_state === "pending" || scoring_state === "running")) {
    return SCORING_POLL_MS;
  }
  return shown.some(({ state }) => state === "invited" || state === "in_progress") ? OPEN_POLL_MS : false;
}

/** The latest mail about an assessment, null where none was sent; looked at again while it is on its way. */
export const latestMail = (id: string) =>
  queryOptions({
    queryKey: keys.part(id, "mail"),
    queryFn: async ({ signal }) => {
      const query = { subject_id: id };
      return (await answerOf(api.GET("/notifications", { params: { query }, signal }))).data[0] ?? null;
    },
    // A fresh one has no row for a second or two.
    refetchInterval: ({ state }) => (!state.data || state.data.state === "queued" ? SCORING_POLL_MS : false),
  });

export const assessmentList = ({ q, status }: AssessmentFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, { q, status }],
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET("/assessments", {
          params: {
            query: {
              limit: 50,
              ...(q && { q }),
              ...(status && { state: status }),
              ...(pageParam && { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => pollInterval(state.data?.pages.flatMap(({ data }) => data) ?? []),
  });

/** The few best matches, for the command palette. */
export const assessmentSearch = (q: string) =>
  queryOptions({
    queryKey: [...keys.all, "search", q],
    queryFn: ({ signal }) =>
      answerOf(api.GET("/assessments", { params: { query: { q, limit: 6 } }, signal })),
  });

export const assessmentDetail = (id: string) =>
  queryOptions({
    queryKey: keys.one(id),
    queryFn: ({ signal }) => answerOf(api.GET("/assessments/{id}", { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data ? pollInterval([state.data]) : false),
  });

export const assessmentCode = (id: string) =>
  queryOptions({
    queryKey: keys.part(id, "code"),
    queryFn: ({ signal }) =>
      answerOf(api.GET("/assessments/{id}/code", { params: { path: { id } }, signal })),
  });

export const calibrationTaken = (id: string) =>
  queryOptions({
    queryKey: keys.part(id, "calibration"),
    queryFn: ({ signal }) =>
      answerOf(api.GET("/assessments/{id}/calibration", { params: { path: { id } }, signal })),
  });

export const calibrationAverage = () =>
  queryOptions({
    queryKey: [...keys.all, "calibration"],
    queryFn: ({ signal }) => answerOf(api.GET("/calibration", { signal })),
  });

export const assessmentPrompts = (id: string) =>
  infiniteQueryOptions({
    queryKey: keys.part(id, "prompts"),
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET("/assessments/{id}/prompts", {
          params: { path: { id }, query: { limit: 50, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    select: ({ pages }): Prompt[] => pages.flatMap(({ data }) => data),
  });

export const assessmentTimeline = (id: string) =>
  infiniteQueryOptions({
    queryKey: keys.part(id, "timeline"),
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET("/assessments/{id}/timeline", {
          params: { path: { id }, query: { limit: 100, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    select: ({ pages }): TimelineEvent[] => pages.flatMap(({ data }) => data),
  });

/** After a change, everything that shows assessments is asked for anew: the answers to changes are not whole ones. */
function useRefresh() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.all });
}

export function useCreateAssessment() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ body, headers }: { body: NewAssessment; headers: Record<string, string> }) =>
      answerOf(api.POST("/assessments", { body, headers })),
    onSuccess: refresh,
  });
}

// These refresh after a failure too: a lost race (it was started meanwhile) leaves the page with an old state.

export function useCancelAssessment(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => answerOf(api.POST("/assessments/{id}/cancel", { params: { path: { id } } })),
    onSettled: refresh,
  });
}

export function useRescoreAssessment(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => answerOf(api.POST("/assessments/{id}/rescore", { params: { path: { id } } })),
    onSettled: refresh,
  });
}

export function useDeleteAssessment(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answerOf(api.DELETE("/assessments/{id}", { params: { path: { id } } })),
    // Only the lists: asking for the deleted one again would end in an error on the page that is being left.
    onSuccess: () => client.invalidateQueries({ queryKey: keys.lists }),
  });
}
