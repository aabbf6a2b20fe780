// Everything that is asked of the server about tasks and the weights they are scored with.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answerOf, api } from "@/api/client";

const key = ["tasks"] as const;

export const taskList = () =>
  infiniteQueryOptions({
    queryKey: [...key, "list"],
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET("/tasks", {
          params: { query: { limit: 100, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

export const taskDetail = (id: string) =>
  queryOptions({
    queryKey: [...key, "one", id],
    queryFn: ({ signal }) => answerOf(api.GET("/tasks/{id}", { params: { path: { id } }, signal })),
  });

export const weightPresets = () =>
  queryOptions({
    queryKey: ["weight-presets"],
    queryFn: ({ signal }) => answerOf(api.GET("/weight-presets", { signal })),
    // Presets change with a deployment, not during a visit.
    staleTime: 5 * 60_000,
  });
