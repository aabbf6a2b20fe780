// Who this window is: exchanges a token, an invitation or a resume key for a bearer, and renews it before it ends.
// The bearer lives in memory; the resume key, which changes with every exchange, in the tab's storage.
import { ApiError, newKey, type RequestOptions, type Send } from "./api";
import type { Session } from "./contract";
import type { Keep } from "./keep";

export type Credential = { embed_token: string } | { invitation: string } | { resume_key: string };

interface Opened {
  bearer: string;
  expires_in: number;
  resume_key: string;
  session: Session;
}

export interface Sources {
  /** The secret this window was opened with, if any. */
  first: Credential | undefined;
  /** Names the resume key before the session is known: null in a page that was opened without a public id. */
  publicId: string | null;
  /** The loader's name for this embed: the same for every frame that it opens with the same token. */
  embedId: string | null;
  /** Ask the host page for a new embed token. Resolves null when there is nobody to ask. */
  askHost: () => Promise<string | null>;
}

const LAST = "last";
/** Renew early: a request that leaves now must not arrive with a dead bearer. */
const MARGIN_MS = 60_000;

export class Access {
  #bearer: string | undefined;
  #renewAt = 0;
  #renewing: Promise<Session> | undefined;
  #publicId: string | null;

  constructor(
    private readonly http: Send,
    private readonly keep: Keep,
    private readonly sources: Sources,
  ) {
    // What this tab did last is only a way in for whoever brings none: a link says which assessment is meant.
    this.#publicId = sources.publicId ?? (sources.first ? null : keep.get(LAST));
  }

  /** Open the session. Callers that come meanwhile share the exchange. */
  open(): Promise<Session> {
    this.#renewing ??= this.#exchange().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** A request with a bearer that is good. */
  readonly send: Send = async (method, path, options = {}) => {
    if (!this.#bearer || Date.now() > this.#renewAt) await this.open();
    try {
      return await this.#sendOnce(method, path, options);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      // Ended early (a laptop slept, a key was rotated): one exchange, one more try.
      await this.open();
      return this.#sendOnce(method, path, options);
    }
  };

  /** As `send`, for a page that is going away: no time to renew anything. */
  sendLast(path: string, body: unknown): void {
    void this.http("POST", path, { body, bearer: this.#bearer, keepalive: true }).catch(() => {});
  }

  forget(): void {
    if (this.#publicId) this.keep.remove(`resume.${this.#publicId}`);
    this.keep.remove(LAST);
  }

  #sendOnce(method: string, path: string, options: RequestOptions): Promise<Response> {
    return this.http(method, path, { ...options, bearer: this.#bearer });
  }

  async #exchange(): Promise<Session> {
    let refusal: unknown;
    for await (const credential of this.#credentials()) {
      try {
        return await this.#try(credential);
      } catch (error) {
        // A spent token is no reason to stop while there is another way in; anything else is.
        if (!(error instanceof ApiError) || error.status !== 401) throw error;
        refusal = error;
      }
    }
    throw refusal ?? new ApiError(401, "token_missing", "");
  }

  async *#credentials(): AsyncGenerator<Credential> {
    const resume = this.#publicId ? this.keep.get(`resume.${this.#publicId}`) : null;
    const { first } = this.sources;
    // Once this window is in, its own key is the natural way to stay; before, what the link says is fresher.
    if (this.#bearer && resume) yield { resume_key: resume };
    if (first) yield first;
    if (!this.#bearer && resume) yield { resume_key: resume };
    const token = await this.sources.askHost();
    if (token) yield { embed_token: token };
  }

  async #try(credential: Credential): Promise<Session> {
    // The same nonce on a repeated request makes the server repeat its answer, should ours have been lost. A frame that
    // was moved in the page, or mounted twice, exchanges the same token again: the loader's name for it stays.
    const nonce = ("embed_token" in credential && this.sources.embedId) || newKey();
    const body = { ...credential, nonce };
    let response: Response;
    try {
      response = await this.http("POST", "/session/open", { body });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 0) throw error;
      response = await this.http("POST", "/session/open", { body });
    }
    const opened = (await response.json()) as Opened;
    this.#bearer = opened.bearer;
    this.#renewAt = Date.now() + Math.max(opened.expires_in * 1000 - MARGIN_MS, 5_000);
    this.#publicId = opened.session.assessment.public_id;
    this.keep.set(`resume.${this.#publicId}`, opened.resume_key);
    this.keep.set(LAST, this.#publicId);
    return opened.session;
  }
}
