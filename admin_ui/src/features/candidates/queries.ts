// Everything that is asked of, or told to, the server about candidates.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "@/api/client";
import type { NewCandidate } from "@/api/types";

const key = ["candidates"] as const;

export const candidateList = (q: string) =>
  infiniteQueryOptions({
    queryKey: [...key, "list", q],
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET("/candidates", {
          params: { query: { limit: 50, ...(q && { q }), ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

/** The few best matches, for pickers and the command palette. */
export const candidateSearch = (q: string) =>
  queryOptions({
    queryKey: [...key, "search", q],
    queryFn: ({ signal }) =>
      answerOf(api.GET("/candidates", { params: { query: { limit: 8, ...(q && { q }) } }, signal })),
  });

export function useCreateCandidate() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ body, headers }: { body: NewCandidate; headers: Record<string, string> }) =>
      answerOf(api.POST("/candidates", { body, headers })),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
  });
}
