// One attempt while it is live: the files, what records them, the assistant, the runs, and the facts around them.
// Framework-free: the screens read its signals and call its methods.
import { effect, signal } from "@preact/signals-core";
import type { Send } from "./api";
import type { Edit, Session } from "./contract";
import { Conversation } from "./conversation";
import { Facts } from "./facts";
import { FocusWatcher } from "./focus";
import type { Host } from "./host";
import type { Keep } from "./keep";
import type { Outbox } from "./outbox";
import { isFromAssistant } from "./pastes";
import { Recorder } from "./recorder";
import { Runs } from "./runs";
import { Workspace } from "./workspace";

const SETTLE_PATIENCE_MS = 15_000;

export interface AttemptOptions {
  session: Session;
  send: Send;
  sendLast: (path: string, body: unknown) => void;
  outbox: Outbox;
  keep: Keep;
  host: Host | undefined;
  framed: boolean;
  onTakenOver: () => void;
  onEnded: () => void;
  onServerTime: (time: string) => void;
  onPaused: () => void;
}

export class Attempt {
  readonly session: Session;
  readonly workspace: Workspace;
  readonly recorder: Recorder;
  readonly conversation: Conversation;
  readonly runs: Runs;
  readonly offline = signal(!navigator.onLine);
  /** Whether somebody has stopped the clock. Nothing is taken meanwhile, so nothing can be written. */
  readonly paused = signal(false);
  /** Whether a reload would lose edits that the server does not have yet. */
  readonly lasting: boolean;
  readonly #facts: Facts;
  readonly #focus: FocusWatcher | undefined;
  readonly #undo = new AbortController();
  readonly #unlisten: () => void;

  constructor(private readonly options: AttemptOptions) {
    const { session, send, sendLast, outbox } = options;
    const state = session.workspace;
    if (!state) throw new Error("An attempt in progress has no workspace.");
    this.session = session;
    this.lasting = outbox.lasting && options.keep.lasting;
    this.workspace = new Workspace(state.files);
    this.recorder = new Recorder({
      send,
      sendLast,
      outbox,
      workspace: this.workspace,
      limits: session.limits,
      onTakenOver: options.onTakenOver,
      onEnded: options.onEnded,
      onSaved: (saved) => options.onServerTime(saved.saved_at),
      onPaused: options.onPaused,
    });
    this.recorder.begin(state);

    const settle = () => this.settle();
    const revision = () => this.workspace.revision.peek();
    this.conversation = new Conversation({
      send,
      turns: session.turns,
      earlier: session.earlier_turns,
      settle,
      epoch: () => this.recorder.epoch,
    });
    this.runs = new Runs({ send, executions: session.executions, settle, revision });

    this.#facts = new Facts(send, sendLast);
    // Nobody's attention is watched without their being told so.
    this.#focus = session.assessment.proctored ? this.#watchFocus() : undefined;
    this.#unlisten = effect(() => {
      const facts = options.host?.focus.value;
      if (facts) this.#focus?.hostSays(facts);
    });
    this.#watchPage();
  }

  get tabSwitches(): number {
    return Number(this.options.keep.get(this.#tabKey()) ?? 0);
  }

  /** Take over an edit that already happened in the editor, or a change to the set of files. */
  edit(edit: Edit): void {
    this.workspace.apply(edit);
    this.recorder.record(edit);
  }

  /** Bring every edit to the server; answers the number of the last one. Does not wait for ever. */
  async settle(): Promise<number> {
    // The facts go along, so that the timeline tells what came before a prompt or a run, and what after.
    await Promise.all([this.recorder.flush(AbortSignal.timeout(SETTLE_PATIENCE_MS)), this.report()]);
    return this.recorder.lastSeq;
  }

  /** Send the facts that wait. Never rejects: they are no reason to hold anything up. */
  report(): Promise<void> {
    return this.#facts.flush();
  }

  notePaste(where: "prompt" | "editor", text: string, path?: string): void {
    const from_assistant = isFromAssistant(text, this.conversation.replies());
    this.#facts.note({
      kind: "paste",
      data: { where, chars: text.length, from_assistant, ...(path ? { path } : {}) },
    });
  }

  noteCopy(chars: number): void {
    this.#facts.note({ kind: "copy", data: { from: "assistant", chars } });
  }

  /** Stop everything: handed in, taken over, or taken out of the page. */
  stop(): void {
    this.#undo.abort();
    this.#unlisten();
    this.#focus?.stop();
    void this.#facts.flush();
    this.#facts.stop();
    this.recorder.stop();
    this.conversation.stop();
    this.runs.stop();
  }

  #watchFocus(): FocusWatcher {
    const { framed, host } = this.options;
    return new FocusWatcher({
      framed,
      askHost: () => host?.tell({ t: "focus_query", d: null }),
      onChange: ({ focused, where }) =>
        this.#facts.note({ kind: "focus", data: { state: focused ? "focused" : "blurred", where } }),
      onTabSwitch: () => this.#countTabSwitch(),
    });
  }

  #watchPage(): void {
    const { signal } = this.#undo;
    const leave = () => {
      this.recorder.leave();
      this.#facts.leave();
    };
    window.addEventListener("pagehide", leave, { signal });
    document.addEventListener(
      "visibilitychange",
      () => {
        // On phones this is the last thing a page hears before it is killed.
        if (document.visibilityState === "hidden") leave();
        else this.recorder.nudge();
      },
      { signal },
    );
    window.addEventListener("offline", () => this.#setOnline(false), { signal });
    window.addEventListener("online", () => this.#setOnline(true), { signal });
  }

  #setOnline(online: boolean): void {
    this.offline.value = !online;
    if (online) this.recorder.nudge();
  }

  #countTabSwitch(): void {
    this.options.keep.set(this.#tabKey(), String(this.tabSwitches + 1));
    this.#facts.note({ kind: "tab_switch", data: {} });
  }

  #tabKey(): string {
    return `tabs.${this.session.assessment.public_id}`;
  }
}
