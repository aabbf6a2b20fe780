// Where the keyboard is: here, elsewhere in the host page, in another program, or behind another tab.
// Recorded as transitions. The host page's facts come over the port and can be forged, as all of a browser's can.
import type { FocusFacts } from "@tali/embed/protocol";
import type { FocusPlace } from "./contract";

export interface FocusState {
  focused: boolean;
  where: FocusPlace;
}

export interface FocusInputs {
  hasFocus: boolean;
  visible: boolean;
  /** What the host page says; undefined without a loader. */
  host: FocusFacts | undefined;
  framed: boolean;
}

export function classify({ hasFocus, visible, host, framed }: FocusInputs): FocusState {
  if (!visible || host?.visibility === "hidden") return { focused: false, where: "tab_hidden" };
  if (hasFocus) return { focused: true, where: "unknown" };
  // A page of its own has no host: what has the keyboard is outside the browser's page.
  if (!framed) return { focused: false, where: "other_app" };
  if (!host) return { focused: false, where: "unknown" };
  return { focused: false, where: host.has_focus ? "host_page" : "other_app" };
}

export interface FocusWatcherOptions {
  framed: boolean;
  /** Ask the host page to report; the answer arrives through `hostSays`. */
  askHost: () => void;
  onChange: (state: FocusState) => void;
  onTabSwitch: () => void;
}

/** The host's answer takes a message there and back; the browser finishes moving focus meanwhile. */
const SETTLE_MS = 80;

export class FocusWatcher {
  #host: FocusFacts | undefined;
  #last: FocusState | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #undo = new AbortController();

  constructor(private readonly options: FocusWatcherOptions) {
    const { signal } = this.#undo;
    for (const name of ["focus", "blur"] as const) {
      window.addEventListener(name, () => this.#moved(), { signal });
    }
    document.addEventListener(
      "visibilitychange",
      () => {
        if (document.visibilityState === "hidden") options.onTabSwitch();
        this.#moved();
      },
      { signal },
    );
    // Where it all began is a fact too: without it, nobody could tell "never left" from "not observed".
    this.#settle();
  }

  hostSays(facts: FocusFacts): void {
    this.#host = facts;
    this.#settle();
  }

  stop(): void {
    this.#undo.abort();
    clearTimeout(this.#timer);
  }

  #moved(): void {
    this.options.askHost();
    this.#settle();
  }

  #settle(): void {
    clearTimeout(this.#timer);
    // A hidden tab may be frozen before a timer fires.
    if (document.visibilityState === "hidden") this.#report();
    else this.#timer = setTimeout(() => this.#report(), SETTLE_MS);
  }

  #report(): void {
    const state = this.#look();
    if (state.focused === this.#last?.focused && state.where === this.#last.where) return;
    this.#last = state;
    this.options.onChange(state);
  }

  #look(): FocusState {
    return classify({
      hasFocus: document.hasFocus(),
      visible: document.visibilityState === "visible",
      host: this.#host,
      framed: this.options.framed,
    });
  }
}
