// Who is signed in. The access token lives in this closure and nowhere else; the refresh cookie is the server's to keep.

import { type Problem, problemFrom, unreachable } from "./problem";
import type { Me, Session } from "./types";

export type SessionState =
  | { status: "restoring" }
  | { status: "unreachable"; problem: Problem }
  | { status: "signed-out"; why: "never" | "ended" | "left" }
  | { status: "signed-in"; me: Me };

export interface SessionStore {
  state(): SessionState;
  subscribe(listener: () => void): () => void;
  /** Try the refresh cookie. Called once at the start, and again by the retry button. */
  restore(): Promise<void>;
  signIn(email: string, password: string): Promise<void>;
  /** Redeem a one-time link. One request per token, however often it is called. */
  redeem(token: string): Promise<void>;
  /** Come in by a door of the sign-in pages: a confirmed registration, a new password, an accepted invitation. */
  enter(
    door: "/register/confirm" | "/password-reset/redeem" | "/invitation/accept",
    body: object,
  ): Promise<void>;
  /** Ask something as nobody in particular: no token goes along, and no answer ends a session. */
  ask<Answer>(path: "/register" | "/password-reset" | "/invitation", body: object): Promise<Answer>;
  /** Go to another organisation. The page is loaded anew: what the last one was shown must not stay. */
  switchTo(organizationId: string): Promise<void>;
  signOut(): Promise<void>;
  /** Take up changes of the signed-in user that another request has made. */
  updateMe(change: (me: Me) => Me): void;
  /** `fetch` with the bearer token; refreshes it once where it has run out, and ends the session where it cannot. */
  fetch(request: Request): Promise<Response>;
}

const BASE = "/api/v1/auth";
// A token this close to its end is renewed first, so that a slow request does not arrive with a dead one.
const RENEW_BEFORE_MS = 20_000;

export function createSession(
  send: (request: Request) => Promise<Response> = (request) => globalThis.fetch(request),
  now: () => number = Date.now,
): SessionStore {
  let state: SessionState = { status: "restoring" };
  let token: { value: string; expiresAt: number } | null = null;
  let refreshing: Promise<boolean> | null = null;
  const redeeming = new Map<string, Promise<void>>();
  const listeners = new Set<() => void>();

  // Signing out in one tab signs out the others. The token itself never travels.
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("tali-session") : null;
  channel?.addEventListener("message", (event) => {
    if (event.data === "left" && state.status === "signed-in") become({ status: "signed-out", why: "left" });
  });

  function become(next: SessionState) {
    if (next.status !== "signed-in") token = null;
    state = next;
    for (const listener of listeners) listener();
  }

  function begin(session: Session) {
    token = { value: session.access_token, expiresAt: now() + session.expires_in * 1000 };
    become({ status: "signed-in", me: session.me });
  }

  async function post(path: string, body?: unknown, more: Record<string, string> = {}): Promise<unknown> {
    const request = new Request(new URL(BASE + path, location.origin), {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", ...more },
      credentials: "same-origin",
      body: JSON.stringify(body ?? {}),
    });
    const response = await send(request).catch(() => {
      throw unreachable();
    });
    const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null);
    if (!response.ok) throw problemFrom(response.status, answer);
    return answer;
  }

  /** True when a new token is in hand, false when the session is over. Throws when nobody answered. */
  function refresh(): Promise<boolean> {
    refreshing ??= post("/refresh")
      .then(
        (session) => {
          begin(session as Session);
          return true;
        },
        (problem: Problem) => {
          // Only a clear "no" ends a session; a server that is down, or busy, does not.
          if (problem.status !== 401 && problem.status !== 403) throw problem;
          return false;
        },
      )
      .finally(() => {
        refreshing = null;
      });
    return refreshing;
  }

  function end() {
    if (state.status === "signed-in") become({ status: "signed-out", why: "ended" });
  }

  const withToken = (request: Request) => {
    const copy = new Request(request);
    if (token) copy.headers.set("Authorization", `Bearer ${token.value}`);
    return copy;
  };

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async restore() {
      if (state.status === "unreachable") become({ status: "restoring" });
      try {
        if (!(await refresh())) become({ status: "signed-out", why: "never" });
      } catch (problem) {
        become({ status: "unreachable", problem: problem as Problem });
      }
    },

    async signIn(email, password) {
      begin((await post("/login", { email, password })) as Session);
    },

    redeem(linkToken) {
      let redeemed = redeeming.get(linkToken);
      if (!redeemed) {
        redeemed = post("/links/redeem", { token: linkToken }).then((session) => begin(session as Session));
        redeeming.set(linkToken, redeemed);
        // A link that no server has seen may be tried again.
        redeemed.catch((problem: Problem) => {
          if (problem.code !== "link_invalid") redeeming.delete(linkToken);
        });
      }
      return redeemed;
    },

    async enter(door, body) {
      begin((await post(door, body)) as Session);
    },

    async ask<Answer>(path: string, body: object) {
      return (await post(path, body)) as Answer;
    },

    async switchTo(organizationId) {
      if (token === null || token.expiresAt - now() < RENEW_BEFORE_MS) await refresh();
      await post("/switch", { organization_id: organizationId }, { Authorization: `Bearer ${token?.value}` });
      location.reload();
    },

    async signOut() {
      // The page must be left even if the server cannot be told: the token is dropped here either way.
      await post("/logout").catch(() => undefined);
      channel?.postMessage("left");
      become({ status: "signed-out", why: "left" });
    },

    updateMe(change) {
      if (state.status === "signed-in") become({ status: "signed-in", me: change(state.me) });
    },

    async fetch(request) {
      const again = request.clone();
      if (token && token.expiresAt - now() < RENEW_BEFORE_MS && !(await refresh())) {
        end();
        throw problemFrom(401, SESSION_ENDED);
      }
      const used = token;
      const response = await send(withToken(request)).catch((error: unknown) => {
        if (error instanceof DOMException && error.name === "AbortError") throw error;
        throw unreachable();
      });
      if (response.status !== 401) return response;
      // Another request may have renewed the token while this one was under way.
      const renewed = token !== used && token !== null;
      if (!renewed && !(await refresh())) {
        end();
        return response;
      }
      return send(withToken(again)).catch(() => {
        throw unreachable();
      });
    },
  };
}

const SESSION_ENDED = { code: "session_ended", message: "Your session has ended. Sign in again." };

export const session = createSession();
