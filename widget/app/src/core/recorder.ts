// Carries every edit to the server, in order and exactly once: seals edits into numbered batches, keeps them in the
// outbox until they are acknowledged, and sends again after reloads, lost networks and restarted servers.
import { signal } from "@preact/signals-core";
import { ApiError, type Send } from "./api";
import type { Batch, Edit, Limits, Saved, WorkspaceState } from "./contract";
import type { Outbox } from "./outbox";
import { backoff, sleep } from "./retry";
import type { Workspace } from "./workspace";

const SEAL_AFTER_MS = 1_000;
/** More in one request than a slow uplink should carry at a time. */
const BATCHES_PER_REQUEST = 20;
/** Browsers refuse a request that outlives its page beyond 64 kB. */
const LAST_WORDS_BYTES = 60_000;
/** The server will never take this batch, however often it is sent. */
const REFUSED = new Set([413, 422]);

export type SaveState =
  | { state: "saved"; at: number | null }
  | { state: "saving" }
  | { state: "waiting"; because: "offline" | "server" | "full"; since: number };

export interface RecorderOptions {
  send: Send;
  sendLast: (path: string, body: unknown) => void;
  outbox: Outbox;
  workspace: Workspace;
  limits: Limits;
  /** Wall clock of this browser, in ms. */
  now?: () => number;
  onTakenOver: () => void;
  /** The attempt is no longer in progress: handed in elsewhere, or the time is up. */
  onEnded: () => void;
  onSaved?: (saved: Saved) => void;
  /** The server takes nothing for the time being: somebody has stopped the clock. */
  onPaused?: () => void;
}

export class Recorder {
  readonly saving = signal<SaveState>({ state: "saved", at: null });
  #epoch = 0;
  #nextSeq = 1;
  #baseHash = "";
  #pending: Edit[] = [];
  #queue: Batch[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #draining: Promise<void> | undefined;
  #stopped = new AbortController();
  #failures = 0;
  /** The server keeps no more of this session: waiting for it would keep the candidate from handing in. */
  #full = false;
  readonly #now: () => number;

  constructor(private readonly options: RecorderOptions) {
    this.#now = options.now ?? Date.now;
  }

  /** The number of the last batch that was sealed: what a prompt or a submit refers to. */
  get lastSeq(): number {
    return this.#nextSeq - 1;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Begin writing as the writer that the server just named. */
  begin(state: WorkspaceState): void {
    this.#epoch = state.writer_epoch;
    this.#nextSeq = state.last_seq + 1;
    this.#baseHash = state.hash;
  }

  /** Note an edit that was already applied to the workspace. */
  record(edit: Edit): void {
    if (this.#stopped.signal.aborted) return;
    this.#pending.push(edit);
    if (this.saving.value.state === "saved") this.saving.value = { state: "saving" };
    if (this.#pending.length >= this.options.limits.batch_edits) this.#seal();
    else this.#timer ??= setTimeout(() => this.#sealAndSend(), SEAL_AFTER_MS);
  }

  /** Resolves when the server has everything that was recorded before the call. Rejects when writing has ended. */
  async flush(signal?: AbortSignal): Promise<void> {
    this.#seal();
    const until = this.lastSeq;
    while (!this.#full && this.#queue.some((batch) => batch.client_seq <= until)) {
      this.#stopped.signal.throwIfAborted();
      signal?.throwIfAborted();
      await this.#drain();
    }
  }

  /** The network is back, or somebody asked: try now rather than when the back-off ends. */
  nudge(): void {
    this.#failures = 0;
    this.#hurry?.();
    void this.#drain();
  }

  /** The page may be going away. Put everything where it survives, and try to get it out. */
  leave(): void {
    this.#seal();
    if (this.#queue.length === 0 || this.#stopped.signal.aborted) return;
    const body = { batches: this.#queue };
    if (JSON.stringify(body).length < LAST_WORDS_BYTES) this.options.sendLast("/session/workspace", body);
  }

  stop(): void {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    this.#hurry?.();
  }

  #sealAndSend(): void {
    this.#seal();
    void this.#drain();
  }

  #seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.length === 0) return;
    const result = this.options.workspace.hash();
    const batch: Batch = {
      writer_epoch: this.#epoch,
      client_seq: this.#nextSeq++,
      base_hash: this.#baseHash,
      result_hash: result,
      sent_at: new Date(this.#now()).toISOString(),
      edits: this.#pending,
    };
    this.#pending = [];
    this.#baseHash = result;
    this.#queue.push(batch);
    // Not awaited: if storing fails, the copy in memory is still sent.
    void this.options.outbox.put(batch).catch(() => {});
  }

  #drain(): Promise<void> {
    this.#draining ??= this.#sendAll().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0 && !this.#stopped.signal.aborted) {
      const batches = this.#queue.slice(0, BATCHES_PER_REQUEST);
      try {
        await this.#acknowledge(await this.#post("/session/workspace", { batches }));
      } catch (error) {
        if (!(await this.#recover(error))) return;
      }
    }
  }

  async #post(path: string, body: unknown): Promise<Saved> {
    const { signal } = this.#stopped;
    const response = await this.options.send("POST", path, { body, signal });
    return (await response.json()) as Saved;
  }

  async #acknowledge(saved: Saved): Promise<void> {
    this.#failures = 0;
    this.#queue = this.#queue.filter((batch) => batch.client_seq > saved.accepted_seq);
    await this.options.outbox.drop(this.#epoch, saved.accepted_seq).catch(() => {});
    const settled = this.#queue.length === 0 && this.#pending.length === 0;
    this.saving.value = settled ? { state: "saved", at: this.#now() } : { state: "saving" };
    this.options.onSaved?.(saved);
  }

  /** Whether to go on sending after a failure. */
  async #recover(cause: unknown): Promise<boolean> {
    if (this.#stopped.signal.aborted) return false;
    // An answer that is no JSON comes from something in between, such as the login page of a hotel's network.
    const error = cause instanceof ApiError ? cause : new ApiError(0, "offline", "");
    if (error.code === "session_taken_over") {
      this.stop();
      this.options.onTakenOver();
      return false;
    }
    if (error.code === "attempt_not_in_progress") {
      this.stop();
      this.options.onEnded();
      return false;
    }
    if (error.code === "workspace_diverged" || REFUSED.has(error.status)) {
      // The history of these edits is lost; the work is not.
      return this.#sendSnapshot(Number(error.extra.accepted_seq));
    }
    if (error.code === "recording_full") {
      this.#full = true;
      this.saving.value = { state: "waiting", because: "full", since: this.#now() };
      return false;
    }
    if (error.code === "attempt_paused") this.options.onPaused?.();
    return this.#wait(error);
  }

  /** Where edits do not add up to what the server has, replace its files by ours. */
  async #sendSnapshot(acceptedSeq: number): Promise<boolean> {
    this.#seal();
    const last = this.#queue.at(-1);
    const seq = Number.isSafeInteger(acceptedSeq)
      ? acceptedSeq + 1
      : (this.#queue[0]?.client_seq ?? this.#nextSeq);
    const hash = this.options.workspace.hash();
    try {
      const saved = await this.#post("/session/workspace/snapshot", {
        writer_epoch: this.#epoch,
        client_seq: seq,
        files: this.options.workspace.contents(),
        result_hash: hash,
        sent_at: new Date(this.#now()).toISOString(),
      });
      this.#adopt(saved, last?.client_seq ?? seq, hash);
      await this.#acknowledge(saved);
      return true;
    } catch (error) {
      const refused =
        error instanceof ApiError && (error.code === "workspace_diverged" || REFUSED.has(error.status));
      return refused ? this.#wait(error) : this.#recover(error);
    }
  }

  /** What was queued up to `covered` is in the snapshot; what came while it travelled gets the numbers after it. */
  #adopt(saved: Saved, covered: number, hash: string): void {
    const later = this.#queue.filter((batch) => batch.client_seq > covered);
    void this.options.outbox.drop(this.#epoch, Number.MAX_SAFE_INTEGER).catch(() => {});
    let seq = saved.accepted_seq;
    this.#queue = later.map((batch) => ({ ...batch, client_seq: ++seq }));
    for (const batch of this.#queue) void this.options.outbox.put(batch).catch(() => {});
    this.#nextSeq = seq + 1;
    if (later.length === 0) this.#baseHash = hash;
  }

  #hurry: (() => void) | undefined;

  async #wait(error: ApiError): Promise<boolean> {
    const since = this.saving.value.state === "waiting" ? this.saving.value.since : this.#now();
    this.saving.value = { state: "waiting", because: error.status === 0 ? "offline" : "server", since };
    const pause = new AbortController();
    this.#hurry = () => pause.abort();
    await sleep(error.retryAfterMs ?? backoff(this.#failures++), pause.signal).catch(() => {});
    this.#hurry = undefined;
    return !this.#stopped.signal.aborted;
  }
}
