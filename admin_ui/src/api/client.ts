// The API client: typed paths over the session's fetch, answers unwrapped, failures thrown as Problems.
import createClient from "openapi-fetch";
import type { paths } from "./paths";
import { problemFrom } from "./problem";
import { session } from "./session";

export const api = createClient<paths>({
  baseUrl: new URL("/api/v1", location.origin).href,
  credentials: "same-origin",
  fetch: (request) => session.fetch(request),
});

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The body of a good answer; a Problem thrown for any other. */
export async function answerOf<Data>(request: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await request;
  if (!response.ok) throw problemFrom(response.status, error);
  return data as Data;
}

/**
 * Idempotency keys for one form: the same body keeps its key, so that a retry after a lost answer creates nothing twice,
 * and a corrected body gets a new one.
 */
export function idempotencyKeys() {
  let last: { body: string; key: string } | null = null;
  return (payload: unknown) => {
    const body = JSON.stringify(payload);
    if (last?.body !== body) last = { body, key: randomId() };
    return { "Idempotency-Key": last.key };
  };
}

function randomId() {
  // randomUUID is missing on plain-HTTP origins, where the app still has to work.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
