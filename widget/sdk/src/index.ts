// The package @tali/embed: put an assessment into an element of your page. Importing it has no side effect.
import { defaults, register, TAG, type TaliAssessmentElement } from "./element";
import { VERSION } from "./frame";
import type { TaliEventName, TaliEvents } from "./protocol";

export type { TaliAssessmentElement } from "./element";
export type { TaliEventName, TaliEvents } from "./protocol";
export { register };
export const version = VERSION;

export interface MountOptions {
  /** A token from `POST /api/v1/embed-sessions`, if the page was rendered with one. */
  session?: string;
  /** Asks your backend for a token: at the start, if `session` is not given, and whenever the candidate needs a new one. */
  fetchToken?: () => Promise<string>;
  /** Where TALI is served from. The script from a TALI server knows; the npm package does not. */
  origin?: string;
  /** CSS length, or a number of pixels. 720 unless told. */
  height?: number | string;
  /** What assistive technology calls the frame. "Assessment" unless told. */
  title?: string;
}

export interface MountedAssessment {
  /** Listen; the answer stops listening. */
  on<Name extends TaliEventName>(name: Name, listener: (detail: TaliEvents[Name]) => void): () => void;
  /** Move the keyboard into the assessment, without scrolling. */
  focus(): void;
  /** Take everything out again. Safe to call twice. */
  destroy(): void;
}

interface Place {
  element: TaliAssessmentElement;
  key: string;
  handles: Set<MountedAssessment>;
}

const places = new WeakMap<Element, Place>();

/**
 * Put an assessment into `target`.
 *
 * Mounting again with the same session, as React's StrictMode does, shares the frame that is there; it goes when the
 * last of its handles is destroyed.
 */
export function mount(target: Element, options: MountOptions): MountedAssessment {
  if (!(target instanceof Element)) {
    throw new TypeError(`TALI: mount() needs an element of the page and got ${String(target)}.`);
  }
  if (!options?.session && !options?.fetchToken) {
    throw new TypeError("TALI: mount() needs `session` or `fetchToken`.");
  }
  register();
  const place = takePlace(target, options);
  const stops = new AbortController();
  const handle: MountedAssessment = {
    on(name, listener) {
      const heard = (event: Event) => listener((event as CustomEvent).detail);
      place.element.addEventListener(`tali:${name}`, heard, { signal: stops.signal });
      return () => place.element.removeEventListener(`tali:${name}`, heard);
    },
    focus: () => place.element.focus(),
    destroy() {
      stops.abort();
      place.handles.delete(handle);
      // Wait one microtask: whoever unmounts and mounts again in the same breath keeps the running session.
      queueMicrotask(() => {
        if (place.handles.size > 0) return;
        place.element.remove();
        if (places.get(target) === place) places.delete(target);
      });
    },
  };
  place.handles.add(handle);
  return handle;
}

function takePlace(target: Element, options: MountOptions): Place {
  const key = JSON.stringify([options.session ?? null, options.origin ?? defaults.origin]);
  const taken = places.get(target);
  if (taken?.element.isConnected && taken.key === key) {
    taken.element.fetchToken = options.fetchToken;
    return taken;
  }
  taken?.element.remove();

  const element = document.createElement(TAG);
  element.fetchToken = options.fetchToken;
  if (options.session) element.setAttribute("session", options.session);
  if (options.origin) element.setAttribute("origin", options.origin);
  if (options.title) element.setAttribute("frame-title", options.title);
  if (options.height !== undefined) element.setAttribute("height", String(options.height));
  target.append(element);

  const place: Place = { element, key, handles: new Set() };
  places.set(target, place);
  return place;
}
