// The messages between a host page and the assessment in its frame, version 1. Both sides import this file.
//
// 1. The frame posts `hello` to each origin that its organisation allows, never to "*".
// 2. The loader answers with `init` and a MessagePort, if the hello comes from its own iframe, from TALI's origin,
//    with the id that it chose.
// 3. Everything after that travels over the port, which nobody else can reach.
//
// The host page is not trusted with results: events carry ids and states, never scores or code.

export const PROTOCOL = 1;

/** Where the keyboard is, as only the host page can tell. */
export interface FocusFacts {
  has_focus: boolean;
  frame_active: boolean;
  visibility: "visible" | "hidden";
}

/** What the host page can listen for. */
export interface TaliEvents {
  /** The assessment is on screen. `state` says where the candidate is. */
  ready: { assessment: string; state: "ready" | "in_progress" | "submitted" };
  /** The clock runs. */
  started: { assessment: string; deadline: string };
  /** About once a minute while the candidate works. */
  progress: { assessment: string; seconds_left: number };
  /** The work is handed in: by the candidate, or by the clock. */
  submitted: { assessment: string; submitted_by: "candidate" | "deadline" };
  /** The invitation can no longer be used. */
  expired: { assessment: string; reason: "expired" | "cancelled" };
  /** Something needs attention. The candidate already sees what to do. */
  error: { code: string; message: string };
}

export type TaliEventName = keyof TaliEvents;

export const EVENT_NAMES = [
  "ready",
  "started",
  "progress",
  "submitted",
  "expired",
  "error",
] as const satisfies TaliEventName[];

type Messages<Map> = { [Name in keyof Map]: { t: Name; d: Map[Name] } }[keyof Map];

export type FromFrame = Messages<TaliEvents & { token_request: null; focus_query: null }>;
export type FromHost = Messages<{ token: { token: string | null }; focus: FocusFacts }>;
/** `load` is random per load of the frame: a hello said again is told from a frame that was reloaded. */
export type Hello = { t: "hello"; d: { versions: number[]; load: string } };
export type Init = { t: "init"; d: { token: string | null; sdk: string } };

export type Envelope<Message> = { tali: typeof PROTOCOL; eid: string; seq: number } & Message;

/** Wrap a message. `seq` grows by one per direction, so that a log shows what was lost. */
export function seal<Message extends object>(eid: string, seq: number, message: Message): Envelope<Message> {
  return { tali: PROTOCOL, eid, seq, ...message };
}

/** Whether a value that came from another window is an envelope meant for this embed. */
export function isEnvelope(value: unknown, eid: string): value is Envelope<{ t: string; d: unknown }> {
  if (typeof value !== "object" || value === null) return false;
  const envelope = value as Record<string, unknown>;
  return (
    envelope.tali === PROTOCOL &&
    envelope.eid === eid &&
    typeof envelope.seq === "number" &&
    typeof envelope.t === "string"
  );
}
