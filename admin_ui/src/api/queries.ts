// How every query behaves: what is retried, how long an answer is fresh, and that a session's end empties the cache.
import { QueryClient } from "@tanstack/react-query";
import { isTransient } from "./problem";
import { session } from "./session";

export function createQueryClient() {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < 2 && isTransient(error),
        retryDelay: (failures) => Math.min(800 * 2 ** failures, 5_000),
      },
      mutations: { retry: false },
    },
  });
  // The next person to sign in here must not see what the last one was shown.
  session.subscribe(() => {
    if (session.state().status === "signed-out") client.clear();
  });
  return client;
}
