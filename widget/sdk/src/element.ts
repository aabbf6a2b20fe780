// <tali-assessment>: keeps one frame alive for as long as the element is in the page and has a session.
import { Frame, publicId } from "./frame";
import { notice } from "./notice";
import type { TaliEventName, TaliEvents } from "./protocol";

export const TAG = "tali-assessment";
const DEFAULT_HEIGHT = "720";

/** Where the assessment is served from, unless an element says otherwise. The script build sets it to its own origin. */
export const defaults = { origin: "" };

// Importing this module on a server must not fail: there is no HTMLElement there, and nothing is ever constructed.
const Base = typeof HTMLElement === "undefined" ? (class {} as typeof HTMLElement) : HTMLElement;

export class TaliAssessmentElement extends Base {
  static readonly observedAttributes = ["session", "height", "origin"];

  #fetchToken: (() => Promise<string>) | undefined;
  #frame: Frame | undefined;
  #notice: HTMLElement | undefined;
  #scheduled = false;

  /** Called whenever a session token is needed and the `session` attribute cannot serve. */
  get fetchToken(): (() => Promise<string>) | undefined {
    return this.#fetchToken;
  }

  set fetchToken(fetchToken: (() => Promise<string>) | undefined) {
    this.#fetchToken = fetchToken;
    this.#schedule();
  }

  connectedCallback(): void {
    // A page may have set the property before this script came: then it hides our accessor.
    if (Object.hasOwn(this, "fetchToken")) {
      const { fetchToken } = this;
      Reflect.deleteProperty(this, "fetchToken");
      this.fetchToken = fetchToken;
    }
    this.#schedule();
  }

  disconnectedCallback(): void {
    // Frameworks move nodes by taking them out and putting them back within one task: not a reason to tear down.
    queueMicrotask(() => {
      if (!this.isConnected) this.#close();
    });
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (before === value) return;
    if (name === "height") {
      if (this.#frame) this.#frame.height = this.#cssHeight();
    } else if (
      name === "session" &&
      this.#frame &&
      value &&
      publicId(value) === publicId(this.#frame.session)
    ) {
      this.#frame.session = value;
    } else {
      this.#close();
      this.#schedule();
    }
  }

  override focus(): void {
    this.#frame?.focus();
  }

  /** Open once all attributes of this task are in place: the parser and frameworks set them one by one. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(async () => {
      await this.#open().finally(() => {
        this.#scheduled = false;
      });
    });
  }

  async #open(): Promise<void> {
    if (this.#frame || !this.isConnected) return;
    const session = this.getAttribute("session") || (await this.#ask());
    // While the host's backend answered, the element may have gone, or may have been given a session.
    if (this.#frame || !this.isConnected || session === undefined) return;
    this.#notice?.remove();
    if (session === null) return this.#offerRetry();
    this.#frame = new Frame(this.#shadow(), {
      origin: this.#origin(),
      session,
      title: this.getAttribute("frame-title") ?? "Assessment",
      height: this.#cssHeight(),
      fetchToken: async () => (await this.#ask()) ?? null,
      emit: (name, detail) => this.#emit(name, detail),
    });
  }

  /** A token from the host's backend: null when it fails, undefined when the page offers no way to ask. */
  async #ask(): Promise<string | null | undefined> {
    if (!this.#fetchToken) return undefined;
    try {
      return (await this.#fetchToken()) || null;
    } catch (error) {
      this.#emit("error", {
        code: "token_unavailable",
        message: `The page could not get a session token from its server: ${String(error)}`,
      });
      return null;
    }
  }

  #close(): void {
    this.#frame?.destroy();
    this.#frame = undefined;
    this.#notice?.remove();
    this.#notice = undefined;
  }

  #offerRetry(): void {
    this.#notice?.remove();
    this.#notice = notice({
      text: "The assessment could not be opened just now.",
      action: "Try again",
      height: this.#cssHeight(),
      onAction: () => this.#schedule(),
    });
    this.#shadow().append(this.#notice);
  }

  #emit<Name extends TaliEventName>(name: Name, detail: TaliEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(`tali:${name}`, { detail, bubbles: true, composed: true }));
  }

  #origin(): string {
    const origin = this.getAttribute("origin") ?? defaults.origin;
    if (!origin) throw new Error('TALI: say where the assessment is served from, with origin="https://…".');
    return new URL(origin).origin;
  }

  #cssHeight(): string {
    const height = this.getAttribute("height") ?? DEFAULT_HEIGHT;
    return /^\d+$/.test(height) ? `${height}px` : height;
  }

  /** A shadow root keeps the host page's rules for iframes out, and the host's frameworks from wiping our child. */
  #shadow(): ShadowRoot {
    this.style.display ||= "block";
    return this.shadowRoot ?? this.attachShadow({ mode: "open", delegatesFocus: false });
  }
}

/** Make the element known to the page. Safe to call again, and on a page where another copy did. */
export function register(): void {
  if (typeof customElements !== "undefined" && !customElements.get(TAG)) {
    customElements.define(TAG, TaliAssessmentElement);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "tali-assessment": TaliAssessmentElement;
  }
}
