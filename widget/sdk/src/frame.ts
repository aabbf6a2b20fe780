// One assessment in one iframe: the handshake, the port, and what the candidate sees when neither comes about.

import { notice } from "./notice";
import {
  EVENT_NAMES,
  type FocusFacts,
  type FromHost,
  type Hello,
  type Init,
  isEnvelope,
  seal,
  type TaliEventName,
  type TaliEvents,
} from "./protocol";

export const VERSION = "1.0.0";
const HANDSHAKE_MS = 10_000;

export interface FrameOptions {
  origin: string;
  session: string;
  title: string;
  height: string;
  fetchToken: () => Promise<string | null>;
  emit: <Name extends TaliEventName>(name: Name, detail: TaliEvents[Name]) => void;
}

/** The part of a session token that is not secret, and names the page to open. */
export const publicId = (session: string): string => session.split(".", 1)[0] ?? "";

export class Frame {
  readonly iframe: HTMLIFrameElement;
  readonly #eid: string;
  readonly #options: FrameOptions;
  readonly #root: ShadowRoot;
  readonly #undo = new AbortController();
  #session: string;
  #port: MessagePort | undefined;
  #greeted: string | undefined;
  #seq = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #notice: HTMLElement | undefined;

  constructor(root: ShadowRoot, options: FrameOptions) {
    this.#root = root;
    this.#options = options;
    this.#session = options.session;
    this.#eid = embedIdOf(options.session);
    this.iframe = this.#build();

    const { signal } = this.#undo;
    window.addEventListener("message", (event) => this.#greet(event), { signal });
    for (const name of ["focus", "blur"] as const) {
      // The active element is only right once the browser has finished moving focus.
      window.addEventListener(name, () => setTimeout(() => this.#tellFocus()), { signal });
    }
    document.addEventListener("visibilitychange", () => this.#tellFocus(), { signal });

    this.#patience = setTimeout(() => void this.#giveUp(), HANDSHAKE_MS);
    root.append(this.iframe);
  }

  get session(): string {
    return this.#session;
  }

  /** A newer token for the same assessment: kept for when the frame asks, never a reason to reload it. */
  set session(session: string) {
    this.#session = session;
  }

  set height(height: string) {
    this.iframe.style.height = height;
  }

  focus(): void {
    this.iframe.focus({ preventScroll: true });
  }

  destroy(): void {
    this.#undo.abort();
    clearTimeout(this.#patience);
    this.#port?.close();
    this.#notice?.remove();
    this.iframe.remove();
  }

  #build(): HTMLIFrameElement {
    const { origin, title, height } = this.#options;
    const iframe = document.createElement("iframe");
    // The secret half of the token never enters an address: it goes over the port.
    iframe.src = `${origin}/embed/s/${encodeURIComponent(publicId(this.#session))}?v=1&eid=${this.#eid}`;
    iframe.title = title;
    iframe.allow = `clipboard-read ${origin}; clipboard-write ${origin}; fullscreen ${origin}`;
    Object.assign(iframe.style, {
      display: "block",
      width: "100%",
      height,
      border: "0",
      colorScheme: "normal",
    });
    return iframe;
  }

  /** Answer the frame's hello. A frame that was reloaded says hello again and gets a new port. */
  #greet(event: MessageEvent): void {
    if (event.source === null || event.source !== this.iframe.contentWindow) return;
    if (event.origin !== this.#options.origin) return;
    if (!isEnvelope(event.data, this.#eid) || event.data.t !== "hello") return;
    const { load } = event.data.d as Hello["d"];
    if (load === this.#greeted) return;
    this.#greeted = load;

    clearTimeout(this.#patience);
    this.#notice?.remove();
    this.iframe.style.display = "block";
    this.#port?.close();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#seq = 0;
    port1.onmessage = (message) => void this.#hear(message.data);
    const init: Init = { t: "init", d: { token: this.#session, sdk: VERSION } };
    this.iframe.contentWindow?.postMessage(seal(this.#eid, this.#seq++, init), this.#options.origin, [port2]);
    this.#tellFocus();
  }

  async #hear(data: unknown): Promise<void> {
    if (!isEnvelope(data, this.#eid)) return;
    if (data.t === "focus_query") this.#tellFocus();
    else if (data.t === "token_request") this.#tell({ t: "token", d: { token: await this.#freshToken() } });
    else if (isEventName(data.t)) this.#options.emit(data.t, data.d as TaliEvents[typeof data.t]);
  }

  #tell(message: FromHost): void {
    this.#port?.postMessage(seal(this.#eid, this.#seq++, message));
  }

  #tellFocus(): void {
    const facts: FocusFacts = {
      has_focus: document.hasFocus(),
      frame_active: this.#root.activeElement === this.iframe,
      visibility: document.visibilityState,
    };
    this.#tell({ t: "focus", d: facts });
  }

  async #freshToken(): Promise<string | null> {
    const token = await this.#options.fetchToken();
    if (token) this.#session = token;
    return token;
  }

  /** No handshake in time: refused by a policy, blocked by an extension, or a dead network. Offer the other way in. */
  async #giveUp(): Promise<void> {
    const token = (await this.#freshToken()) ?? this.#session;
    // Still the same frame, and still silent? It may have been destroyed or have answered meanwhile.
    if (this.#undo.signal.aborted || this.#port) return;
    this.iframe.style.display = "none";
    this.#notice = notice({
      text: "The assessment did not open inside this page.",
      action: "Open the assessment in a new tab",
      // A fragment stays in the browser: it reaches neither the server's logs nor a referrer.
      href: `${this.#options.origin}/embed/s/${encodeURIComponent(publicId(token))}?v=1#${token}`,
      height: this.iframe.style.height,
    });
    this.#root.append(this.#notice);
    this.#options.emit("error", {
      code: "load_timeout",
      message: "The assessment did not answer within 10 seconds. The candidate was offered a new tab.",
    });
  }
}

const embedIds = new Map<string, string>();

/** One name for all frames of a token: the server lets the same embed exchange a token again, and nobody else. */
function embedIdOf(session: string): string {
  const known = embedIds.get(session) ?? randomId();
  embedIds.set(session, known);
  return known;
}

function isEventName(name: string): name is TaliEventName {
  return (EVENT_NAMES as readonly string[]).includes(name);
}

function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
