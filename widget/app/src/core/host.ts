// The assessment's end of the handshake with the page around it. See @tali/embed/protocol for the rules.
import { signal } from "@preact/signals-core";
import { type FocusFacts, type FromFrame, type Hello, isEnvelope, seal } from "@tali/embed/protocol";
import { newKey } from "./api";

const HELLO_EVERY_MS = 1_000;
const PATIENCE_MS = 10_000;
const TOKEN_PATIENCE_MS = 15_000;

export interface HostOptions {
  eid: string;
  allowedOrigins: string[];
  parent: Pick<Window, "postMessage">;
}

export class Host {
  /** What the host page last said about focus. */
  readonly focus = signal<FocusFacts | undefined>(undefined);
  #port: MessagePort | undefined;
  #seq = 0;
  #waiting: FromFrame[] = [];
  #tokens: ((token: string | null) => void)[] = [];
  readonly #undo = new AbortController();

  constructor(private readonly options: HostOptions) {}

  /** Say hello until somebody answers. Resolves with the token that came along, or null when nobody did. */
  connect(): Promise<string | null> {
    return new Promise((resolve) => {
      const message: Hello = { t: "hello", d: { versions: [1], load: newKey() } };
      const hello = () => {
        for (const origin of this.options.allowedOrigins) {
          this.options.parent.postMessage(seal(this.options.eid, 0, message), origin);
        }
      };
      const again = setInterval(hello, HELLO_EVERY_MS);
      const settle = (token: string | null) => {
        clearInterval(again);
        clearTimeout(patience);
        resolve(token);
      };
      const patience = setTimeout(() => settle(null), PATIENCE_MS);
      window.addEventListener(
        "message",
        (event) => {
          const port = this.#acceptInit(event);
          if (!port) return;
          settle(tokenOf(event.data.d));
        },
        { signal: this.#undo.signal },
      );
      hello();
    });
  }

  tell(message: FromFrame): void {
    if (this.#port) this.#port.postMessage(seal(this.options.eid, this.#seq++, message));
    else if (this.#waiting.length < 50) this.#waiting.push(message);
  }

  /** Ask the page for a new session token. Null when it has none to give. */
  requestToken(): Promise<string | null> {
    if (!this.#port) return Promise.resolve(null);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), TOKEN_PATIENCE_MS);
      this.#tokens.push((token) => {
        clearTimeout(timer);
        resolve(token);
      });
      this.tell({ t: "token_request", d: null });
    });
  }

  close(): void {
    this.#undo.abort();
    this.#port?.close();
  }

  #acceptInit(event: MessageEvent): MessagePort | undefined {
    if (event.source !== this.options.parent || !this.options.allowedOrigins.includes(event.origin)) return;
    if (!isEnvelope(event.data, this.options.eid) || event.data.t !== "init") return;
    const port = event.ports[0];
    if (!port) return;
    this.#port?.close();
    this.#port = port;
    this.#seq = 0;
    port.onmessage = (message) => this.#hear(message.data);
    for (const message of this.#waiting.splice(0)) this.tell(message);
    return port;
  }

  #hear(data: unknown): void {
    if (!isEnvelope(data, this.options.eid)) return;
    if (data.t === "token") for (const give of this.#tokens.splice(0)) give(tokenOf(data.d));
    if (data.t === "focus" && isFocus(data.d)) this.focus.value = data.d;
  }
}

function tokenOf(detail: unknown): string | null {
  const token = (detail as { token?: unknown } | null)?.token;
  return typeof token === "string" && token.length > 0 && token.length < 500 ? token : null;
}

function isFocus(detail: unknown): detail is FocusFacts {
  const facts = detail as FocusFacts | null;
  return typeof facts?.has_focus === "boolean" && typeof facts.frame_active === "boolean";
}
