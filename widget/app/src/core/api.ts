// Speaks HTTP with the server: adds the bearer, bounds the wait, and turns every failure into one kind of error.

export const BASE = "/api/v1";
const TIMEOUT_MS = 30_000;

/** What went wrong, as the server said it, or `offline` / `timeout` when it said nothing. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Everything else in the answer, such as the `state` that won a race. */
    readonly extra: Record<string, unknown> = {},
    readonly retryAfterMs: number | undefined = undefined,
  ) {
    super(message);
  }

  /** Whether the same request may succeed later, without anybody doing anything. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export interface RequestOptions {
  body?: unknown;
  bearer?: string | undefined;
  idempotencyKey?: string;
  signal?: AbortSignal;
  accept?: string;
  timeoutMs?: number;
  /** Let the request outlive the page. Browsers allow 64 kB of these. */
  keepalive?: boolean;
}

export type Send = (method: string, path: string, options?: RequestOptions) => Promise<Response>;

/** One request. Resolves for 2xx only. */
export const send: Send = async (method, path, options = {}) => {
  const { body, bearer, idempotencyKey, signal, accept = "application/json", keepalive = false } = options;
  const headers = new Headers({ accept });
  if (bearer) headers.set("authorization", `Bearer ${bearer}`);
  if (body !== undefined) headers.set("content-type", "application/json");
  if (idempotencyKey) headers.set("idempotency-key", idempotencyKey);

  // The timeout covers the headers only: a stream stays open for as long as its work takes.
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), options.timeoutMs ?? TIMEOUT_MS);
  try {
    const response = await fetch(BASE + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, patience.signal]) : patience.signal,
      credentials: "omit",
      cache: "no-store",
      keepalive,
    });
    if (response.ok) return response;
    throw await errorFrom(response);
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error;
    throw patience.signal.aborted ? new ApiError(0, "timeout", "") : new ApiError(0, "offline", "");
  } finally {
    clearTimeout(timer);
  }
};

async function errorFrom(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const { code, message, ...extra } = body;
  const retryAfter = Number(response.headers.get("retry-after"));
  return new ApiError(
    response.status,
    typeof code === "string" ? code : `http_${response.status}`,
    typeof message === "string" ? message : "",
    extra,
    retryAfter > 0 ? retryAfter * 1000 : undefined,
  );
}

/** A fresh key for one action of the candidate, the same on each of its retries. */
export function newKey(): string {
  // randomUUID is missing on plain-http origins.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
