// A host page for the tests, and a frame that answers in it.
import { PROTOCOL } from "../src/protocol";

export const ORIGIN = "https://tali.example";

export const iframes = (root: ParentNode = document): HTMLIFrameElement[] =>
  [...root.querySelectorAll("tali-assessment")].flatMap((element) => [
    ...(element.shadowRoot?.querySelectorAll("iframe") ?? []),
  ]);

/** Let microtasks and messages pass. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

export const eidOf = (iframe: HTMLIFrameElement): string => new URL(iframe.src).searchParams.get("eid") ?? "";

/** Give the iframe a window of its own, as a browser would, that keeps what is posted to it. */
export function inhabit(iframe: HTMLIFrameElement) {
  const inits: { data: { d: { token: string | null } }; origin: string; port: MessagePort }[] = [];
  const inside = {
    postMessage: (data: never, origin: string, [port]: [MessagePort]) => inits.push({ data, origin, port }),
  };
  Object.defineProperty(iframe, "contentWindow", { value: inside, configurable: true });
  const hello = (over: { origin?: string; source?: unknown; eid?: string; load?: string } = {}) => {
    const event = new MessageEvent("message", {
      data: {
        tali: PROTOCOL,
        eid: over.eid ?? eidOf(iframe),
        seq: 0,
        t: "hello",
        d: { versions: [1], load: over.load ?? "first" },
      },
      origin: over.origin ?? ORIGIN,
    });
    Object.defineProperty(event, "source", { value: "source" in over ? over.source : inside });
    window.dispatchEvent(event);
  };
  const say = (t: string, d: unknown) => {
    inits.at(-1)?.port.postMessage({ tali: PROTOCOL, eid: eidOf(iframe), seq: 0, t, d });
  };
  return { inits, hello, say };
}
