// Everything that is asked of, or told to, the server about members, invitations, their mails and the audit log.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "@/api/client";
import type { Role } from "@/api/types";

const membersKey = ["users"] as const;
const invitationsKey = ["user-invitations"] as const;

export const members = () =>
  infiniteQueryOptions({
    queryKey: membersKey,
    queryFn: ({ signal, pageParam }) =>
      answerOf(api.GET("/users", { params: { query: pageParam ? { cursor: pageParam } : {} }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

export const invitations = () =>
  infiniteQueryOptions({
    queryKey: invitationsKey,
    queryFn: ({ signal, pageParam }) =>
      answerOf(
        api.GET("/users/invitations", { params: { query: pageParam ? { cursor: pageParam } : {} }, signal }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

/** The latest mails; a fresh invitation's is on its way for a second or two, so it is asked for again. */
export const latestMails = () =>
  queryOptions({
    queryKey: ["notifications"],
    queryFn: ({ signal }) =>
      answerOf(api.GET("/notifications", { params: { query: { limit: 100 } }, signal })),
    refetchInterval: 4_000,
  });

export const auditLog = (action: string) =>
  infiniteQueryOptions({
    queryKey: ["audit-log", action],
    queryFn: ({ signal, pageParam }) =>
      answerOf(
        api.GET("/audit-log", {
          params: { query: { ...(action && { action }), ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

/** Changes of people show in both lists. */
function usePeopleChange<Wish, Answer>(mutationFn: (wish: Wish) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: membersKey }),
        client.invalidateQueries({ queryKey: invitationsKey }),
      ]),
  });
}

const at = (id: string) => ({ params: { path: { id } } });

export const useInvite = () =>
  usePeopleChange(
    ({
      body,
      headers,
    }: {
      body: { email: string; full_name: string; role: Role };
      headers: Record<string, string>;
    }) => answerOf(api.POST("/users/invite", { body, headers })),
  );

export const useResendInvitation = () =>
  usePeopleChange((id: string) => answerOf(api.POST("/users/invitations/{id}/resend", at(id))));

export const useRevokeInvitation = () =>
  usePeopleChange((id: string) => answerOf(api.DELETE("/users/invitations/{id}", at(id))));

export const useChangeRole = () =>
  usePeopleChange(({ id, role }: { id: string; role: Role }) =>
    answerOf(api.PATCH("/users/{id}", { ...at(id), body: { role } })),
  );

export const useAccess = () =>
  usePeopleChange(({ id, active }: { id: string; active: boolean }) =>
    answerOf(api.POST(active ? "/users/{id}/reactivate" : "/users/{id}/deactivate", at(id))),
  );
