// Everything that is asked of, or told to, the server about the organisation, its keys and the account.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "@/api/client";
import { session } from "@/api/session";
import type { Scope } from "@/api/types";

const organizationKey = ["organization"] as const;
const apiKeysKey = ["api-keys"] as const;

export const organization = () =>
  queryOptions({
    queryKey: organizationKey,
    queryFn: ({ signal }) => answerOf(api.GET("/organization", { signal })),
  });

const spendingKey = ["spending"] as const;

export const spending = () =>
  queryOptions({
    queryKey: spendingKey,
    queryFn: ({ signal }) => answerOf(api.GET("/organization/spending", { signal })),
  });

export function useSetCaps() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { assessment_spend_cap: string | null; monthly_spend_cap: string | null }) =>
      answerOf(api.PATCH("/organization/spending", { body })),
    onSuccess: (updated) => client.setQueryData(spendingKey, updated),
  });
}

export const apiKeys = () =>
  infiniteQueryOptions({
    queryKey: apiKeysKey,
    queryFn: ({ signal, pageParam }) =>
      answerOf(api.GET("/api-keys", { params: { query: pageParam ? { cursor: pageParam } : {} }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

export function useUpdateOrganization() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; allowed_origins: string[] }) =>
      answerOf(api.PATCH("/organization", { body })),
    onSuccess: (updated) => {
      client.setQueryData(organizationKey, updated);
      session.updateMe((me) => ({ ...me, organization: { ...me.organization, name: updated.name } }));
    },
  });
}

interface NewApiKey {
  name: string;
  scopes: Scope[];
  expires_at: string | null;
}

export function useCreateApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ headers, ...body }: NewApiKey & { headers: Record<string, string> }) =>
      answerOf(api.POST("/api-keys", { body, headers })),
    onSuccess: () => client.invalidateQueries({ queryKey: apiKeysKey }),
  });
}

export function useRevokeApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answerOf(api.DELETE("/api-keys/{id}", { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: apiKeysKey }),
  });
}

export function useSetPassword() {
  return useMutation({
    mutationFn: (body: { password: string; current_password?: string }) =>
      answerOf(api.POST("/auth/password", { body })),
    onSuccess: () => session.updateMe((me) => ({ ...me, user: { ...me.user, has_password: true } })),
  });
}
