// Everything that is asked of, or told to, the server about plugins and what they offer.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "@/api/client";
import type { PluginList, Provider } from "@/api/types";

const key = ["plugins"] as const;

/** While a test is under way it is asked for again each second. */
export const pluginList = () =>
  queryOptions({
    queryKey: key,
    queryFn: ({ signal }) => answerOf(api.GET("/plugins", { signal })),
    refetchInterval: ({ state }) =>
      state.data?.providers.some(({ check }) => check?.state === "running") ? 1_000 : false,
  });

const at = ({ kind, name }: Provider) => ({ params: { path: { kind, name } } });

function useProviderChange<Wish>(change: (wish: Wish) => Promise<Provider>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (changed) =>
      client.setQueryData<PluginList>(key, (old) =>
        old
          ? {
              ...old,
              providers: old.providers.map((one) =>
                one.kind === changed.kind && one.name === changed.name ? changed : one,
              ),
            }
          : old,
      ),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
}

export type SettingValues = Record<string, string | number | boolean | null>;

export const useUse = () =>
  useProviderChange(({ provider, used }: { provider: Provider; used: boolean }) =>
    answerOf(api.PATCH("/plugins/{kind}/{name}", { ...at(provider), body: { used } })),
  );

export const useSetUp = () =>
  useProviderChange(({ provider, settings }: { provider: Provider; settings: SettingValues }) =>
    answerOf(api.PATCH("/plugins/{kind}/{name}", { ...at(provider), body: { settings } })),
  );

export const useTest = () =>
  useProviderChange((provider: Provider) => answerOf(api.POST("/plugins/{kind}/{name}/check", at(provider))));
