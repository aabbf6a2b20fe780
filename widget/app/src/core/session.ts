// The whole visit of a candidate as one machine: opening, welcome, work, handing in, and every way it can end.
import { effect, type ReadonlySignal, signal } from "@preact/signals-core";
import { Access, type Credential } from "./access";
import { ApiError, newKey, type Send, send } from "./api";
import type { Attempt } from "./attempt";
import { Clock } from "./clock";
import type { Session, Submitted, TimeLeft } from "./contract";
import type { Host } from "./host";
import type { Keep } from "./keep";
import { type Outbox, openOutbox } from "./outbox";
import { deliverLeftovers, rebase } from "./replay";
import { backoff, sleep } from "./retry";
import type { WarmUp } from "./warm-up";

export type Phase =
  | { at: "opening" }
  | { at: "welcome"; session: Session; starting: boolean; problem: unknown }
  | { at: "working"; attempt: Attempt; problem: unknown; lostEdits: boolean }
  | { at: "submitting"; because: "candidate" | "deadline"; attempt: Attempt }
  | { at: "done"; session: Session }
  | { at: "closed"; because: "expired" | "cancelled" }
  | { at: "reopen"; problem: unknown }
  | { at: "taken_over"; busy: boolean }
  | { at: "failed"; problem: unknown };

export interface VisitOptions {
  keep: Keep;
  host: Host | undefined;
  framed: boolean;
  publicId: string | null;
  /** The loader's name for this embed. */
  embedId?: string | null;
  /** The secret in the address or from the host page. */
  credential: () => Promise<Credential | undefined>;
  http?: Send;
}

/** How long after the deadline the server still takes edits that were made before it. */
const GRACE_MS = 20_000;
/** How often to ask how the time stands. */
const TIME_EVERY_MS = 15_000;

const CLOSED: Partial<Record<string, "expired" | "cancelled">> = {
  assessment_expired: "expired",
  assessment_cancelled: "cancelled",
};

export class Visit {
  readonly #phase = signal<Phase>({ at: "opening" });
  readonly phase: ReadonlySignal<Phase> = this.#phase;
  readonly clock = new Clock();
  #access: Access | undefined;
  #outbox: Outbox | undefined;
  #retreat: AbortController | undefined;
  #warmUp: Promise<WarmUp | null> | undefined;
  #told = new Set<string>();

  constructor(private readonly options: VisitOptions) {
    this.#watchClock();
  }

  async open(): Promise<void> {
    this.#phase.value = { at: "opening" };
    try {
      const first = await this.options.credential();
      this.#access ??= new Access(this.options.http ?? send, this.options.keep, {
        first,
        publicId: this.options.publicId,
        embedId: this.options.embedId ?? null,
        askHost: async () => (await this.options.host?.requestToken()) ?? null,
      });
      const asked = performance.now();
      const session = await this.#access.open();
      this.clock.sync(session.server_time, performance.now() - asked);
      await this.#arrive(session);
    } catch (error) {
      this.#fail(error);
    }
  }

  async start(): Promise<void> {
    const phase = this.#phase.value;
    if (phase.at !== "welcome" || phase.starting) return;
    this.#phase.value = { ...phase, starting: true, problem: null };
    try {
      const body = { consent_version: phase.session.consent_version };
      const session = await this.#ask("POST", "/session/start", body).catch(async (error) => {
        // Another window was faster, or our first request arrived although its answer did not.
        if (error instanceof ApiError && error.code === "attempt_not_ready") return null;
        throw error;
      });
      // A new attempt counts from nothing, whatever this tab did before.
      this.options.keep.remove(`tabs.${phase.session.assessment.public_id}`);
      if (session) await this.#work(session, false);
      else await this.#arrive(await this.#ask("GET", "/session"));
    } catch (error) {
      if (isFinal(error)) this.#fail(error);
      else this.#phase.value = { ...phase, starting: false, problem: error };
    }
  }

  /** The warm-up of this visit, begun or not; null where there is none. Its code is fetched when it is wanted. */
  warmUp(): Promise<WarmUp | null> {
    this.#warmUp ??= this.#prepareWarmUp();
    return this.#warmUp;
  }

  async #prepareWarmUp(): Promise<WarmUp | null> {
    const phase = this.#phase.peek();
    if (phase.at !== "welcome" || !phase.session.calibration) return null;
    const { WarmUp } = await import("./warm-up");
    return new WarmUp(phase.session, phase.session.calibration, this.#send);
  }

  #leaveWarmUp(): void {
    void this.#warmUp?.then((warmUp) => warmUp?.stop()).catch(() => {});
    this.#warmUp = undefined;
  }

  /** Make this window the one that writes. */
  async takeOver(): Promise<void> {
    this.#phase.value = { at: "taken_over", busy: true };
    try {
      await this.#arrive(await this.#ask("GET", "/session"));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Hand the work in. Comes back to the editor, saying why, when the server does not take it. */
  async submit(): Promise<void> {
    const phase = this.#phase.value;
    if (phase.at !== "working") return;
    const { attempt } = phase;
    this.#phase.value = { at: "submitting", because: "candidate", attempt };
    const retreat = new AbortController();
    this.#retreat = retreat;
    const key = newKey();
    try {
      // After the hand-in nothing is taken any more, neither edits nor facts.
      await Promise.all([attempt.recorder.flush(retreat.signal), attempt.report()]);
      const body = {
        client_seq: attempt.recorder.lastSeq,
        writer_epoch: attempt.recorder.epoch,
        tab_switch_count: attempt.tabSwitches,
      };
      const response = await this.#send("POST", "/session/submit", {
        body,
        idempotencyKey: key,
        signal: retreat.signal,
      });
      const { server_time, attempt: ended } = (await response.json()) as Submitted;
      this.#finish({ ...attempt.session, server_time, attempt: ended }, attempt);
    } catch (error) {
      // The phase may have moved on meanwhile: the deadline came, or another window took over.
      if (this.#phase.value.at !== "submitting") return;
      if (error instanceof ApiError && error.code === "attempt_not_in_progress") {
        await this.#awaitSubmitted(attempt);
      } else {
        const problem = retreat.signal.aborted ? null : error;
        this.#phase.value = { at: "working", attempt, problem, lostEdits: false };
      }
    }
  }

  /** Give up handing in, for now. */
  backToWork(): void {
    this.#retreat?.abort();
  }

  dismissProblem(): void {
    const phase = this.#phase.value;
    if (phase.at === "working") this.#phase.value = { ...phase, problem: null, lostEdits: false };
  }

  async #arrive(session: Session): Promise<void> {
    const { state } = session.attempt;
    const { state: invitation, public_id: assessment } = session.assessment;
    this.#leaveWarmUp();
    this.#tell("ready", { t: "ready", d: { assessment, state } });
    if (state === "submitted") this.#finish(session);
    else if (state === "in_progress") await this.#work(session, true);
    else if (invitation === "expired" || invitation === "cancelled") this.#close(invitation);
    else this.#phase.value = { at: "welcome", session, starting: false, problem: null };
  }

  /** Go to work. A page that did not start the attempt itself takes it over, after what the last one left behind. */
  async #work(session: Session, takeOver: boolean): Promise<void> {
    this.#leaveWarmUp();
    const { public_id } = session.assessment;
    // Loading the code and opening the store take as long as the network: do them together.
    const [{ Attempt }, outbox] = await Promise.all([
      import("./attempt"),
      this.#outbox ?? openOutbox(public_id),
    ]);
    this.#outbox = outbox;
    if (takeOver) {
      await deliverLeftovers(this.#send, outbox, session.workspace?.writer_epoch ?? 0);
      const taken = await this.#ask("POST", "/session/takeover").catch((error) => {
        if (error instanceof ApiError && error.code === "attempt_not_in_progress") return null;
        throw error;
      });
      // The clock ran out in this very moment.
      if (!taken) return this.#arrive(await this.#ask("GET", "/session"));
      session = taken;
    }
    const attempt = new Attempt({
      session,
      send: this.#send,
      sendLast: (path, body) => this.#opened().sendLast(path, body),
      outbox,
      keep: this.options.keep,
      host: this.options.host,
      framed: this.options.framed,
      onTakenOver: () => this.#leave({ at: "taken_over", busy: false }),
      onEnded: () => void this.#awaitSubmitted(attempt),
      onServerTime: (time) => this.clock.sync(time, 2_000),
      onPaused: () => void this.#learnTime(attempt),
    });
    const lostEdits = await this.#carryOver(attempt, outbox);
    const { deadline } = session.attempt;
    if (deadline && !takeOver) {
      this.#tell("started", { t: "started", d: { assessment: public_id, deadline } });
    }
    this.#setTime(attempt, deadline, session.attempt.paused_at !== null);
    this.#phase.value = { at: "working", attempt, problem: null, lostEdits };
    void this.#followTime(attempt);
  }

  /** Time can be added, and the clock be stopped, while the page is open: ask now and then. */
  async #followTime(attempt: Attempt): Promise<void> {
    while (this.#isAtWork(attempt)) {
      await sleep(TIME_EVERY_MS);
      if (this.#isAtWork(attempt)) await this.#learnTime(attempt);
    }
  }

  async #learnTime(attempt: Attempt): Promise<void> {
    try {
      const asked = performance.now();
      const response = await this.#send("GET", "/session/clock");
      const time = (await response.json()) as TimeLeft;
      this.clock.sync(time.server_time, performance.now() - asked);
      if (!this.#isAtWork(attempt)) return;
      if (time.state === "submitted") void this.#awaitSubmitted(attempt);
      else this.#setTime(attempt, time.deadline, time.paused_at !== null);
    } catch {
      // Offline, or the server is busy: the next look tells.
    }
  }

  #setTime(attempt: Attempt, deadline: string | null, paused: boolean): void {
    const goesOn = attempt.paused.peek() && !paused;
    attempt.paused.value = paused;
    if (paused) this.clock.hold();
    else if (deadline) this.clock.run(deadline);
    // What waited for the pause to end is sent now.
    if (goesOn) attempt.recorder.nudge();
  }

  #isAtWork(attempt: Attempt): boolean {
    const phase = this.#phase.peek();
    return phase.at === "working" && phase.attempt === attempt;
  }

  /** Put what an overtaken epoch could not deliver on top of the server's files, if it fits. Whether any was lost. */
  async #carryOver(attempt: Attempt, outbox: Outbox): Promise<boolean> {
    const { workspace } = attempt.session;
    const waiting = await outbox.all();
    if (!workspace || waiting.length === 0) return false;
    const edits = rebase(waiting, workspace);
    for (const edit of edits) attempt.edit(edit);
    const undelivered = waiting.some((batch) => batch.result_hash === workspace.hash) || edits.length > 0;
    for (const epoch of new Set(waiting.map((batch) => batch.writer_epoch))) {
      if (epoch !== attempt.recorder.epoch) await outbox.drop(epoch, Number.MAX_SAFE_INTEGER);
    }
    return !undelivered;
  }

  #leave(phase: Phase): void {
    const { value } = this.#phase;
    if (value.at === "working" || value.at === "submitting") value.attempt.stop();
    this.#phase.value = phase;
  }

  async #awaitSubmitted(attempt: Attempt): Promise<void> {
    const { value } = this.#phase;
    if (value.at !== "working" && value.at !== "submitting") return;
    if (value.at === "working") this.#phase.value = { at: "submitting", because: "deadline", attempt };
    // What was typed before the deadline still counts, if it arrives soon after.
    await attempt.recorder.flush(AbortSignal.timeout(GRACE_MS)).catch(() => {});
    for (let tries = 0; ; tries++) {
      try {
        const session = await this.#ask("GET", "/session");
        if (session.attempt.state === "submitted") return this.#finish(session, attempt);
        if (hasTimeLeft(session)) {
          // Somebody gave more time, or stopped the clock, in the last moment.
          attempt.stop();
          return await this.#work(session, true);
        }
      } catch (error) {
        if (isFinal(error)) return this.#fail(error);
      }
      await sleep(backoff(Math.min(tries, 2)));
    }
  }

  #finish(session: Session, attempt?: Attempt): void {
    attempt?.stop();
    this.clock.stop();
    void this.#outbox?.clear().catch(() => {});
    this.#phase.value = { at: "done", session };
    const { public_id: assessment } = session.assessment;
    const submitted_by = session.attempt.submitted_by ?? "candidate";
    this.#tell("submitted", { t: "submitted", d: { assessment, submitted_by } });
  }

  #close(because: "expired" | "cancelled"): void {
    this.#leave({ at: "closed", because });
    const assessment = this.options.publicId ?? "";
    this.#tell("expired", { t: "expired", d: { assessment, reason: because } });
  }

  #fail(error: unknown): void {
    const code = error instanceof ApiError ? error.code : "unexpected";
    const closed = CLOSED[code];
    if (closed) {
      this.#close(closed);
      return;
    }
    const at = error instanceof ApiError && error.status === 401 ? "reopen" : "failed";
    this.#leave({ at, problem: error });
    const message = error instanceof Error ? error.message : "";
    this.options.host?.tell({ t: "error", d: { code, message } });
  }

  readonly #send: Send = async (method, path, options) => {
    try {
      return await this.#opened().send(method, path, options);
    } catch (error) {
      if (isFinal(error) && this.#phase.value.at === "working") this.#fail(error);
      throw error;
    }
  };

  async #ask(method: string, path: string, body?: unknown): Promise<Session> {
    const asked = performance.now();
    const response = await this.#send(method, path, body === undefined ? {} : { body });
    const session = (await response.json()) as Session;
    this.clock.sync(session.server_time, performance.now() - asked);
    return session;
  }

  #opened(): Access {
    if (!this.#access) throw new Error("The session is not open yet.");
    return this.#access;
  }

  #tell(once: string, message: Parameters<Host["tell"]>[0]): void {
    if (this.#told.has(once)) return;
    this.#told.add(once);
    this.options.host?.tell(message);
  }

  #watchClock(): void {
    let lastMinute: number | undefined;
    effect(() => {
      const left = this.clock.secondsLeft.value;
      const phase = this.#phase.peek();
      if (left === null || phase.at !== "working") return;
      const minute = Math.ceil(left / 60);
      if (minute !== lastMinute) {
        lastMinute = minute;
        const assessment = phase.attempt.session.assessment.public_id;
        this.options.host?.tell({ t: "progress", d: { assessment, seconds_left: left } });
      }
      if (left === 0) void this.#awaitSubmitted(phase.attempt);
    });
  }
}

function hasTimeLeft({ attempt, server_time }: Session): boolean {
  if (attempt.state !== "in_progress" || !attempt.deadline) return false;
  return attempt.paused_at !== null || Date.parse(attempt.deadline) > Date.parse(server_time);
}

/** The link no longer opens anything: trying again would change nothing. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 410);
}
