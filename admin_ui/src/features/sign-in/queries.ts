// What the sign-in pages ask before anybody is signed in.
import { queryOptions } from "@tanstack/react-query";
import { answerOf, api } from "@/api/client";
import { session } from "@/api/session";
import type { JoinView } from "@/api/types";

export const signInOptions = () =>
  queryOptions({
    queryKey: ["sign-in-options"],
    queryFn: ({ signal }) => answerOf(api.GET("/auth/options", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const joinView = (token: string) =>
  queryOptions({
    queryKey: ["join", token],
    queryFn: () => session.ask<JoinView>("/invitation", { token }),
    // The link may be used up while the page is open; what it said first stays.
    staleTime: Number.POSITIVE_INFINITY,
  });
