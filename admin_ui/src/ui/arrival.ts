// Where the focus goes when a page opens: to its heading, as soon as there is one, which a page load would have read out.
import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

let arriving = false;

/**
 * For the shell: `place` changes when another page opens. The content takes the focus at once, before any effect of the
 * page itself, so that the keyboard is never left on something that is gone.
 */
export function useArrival(content: RefObject<HTMLElement | null>, place: string) {
  const last = useRef(place);
  useLayoutEffect(() => {
    if (last.current === place) return;
    last.current = place;
    arriving = true;
    window.scrollTo(0, 0);
    content.current?.focus({ preventScroll: true });
  }, [content, place]);
}

/** For the page's heading. */
export function useArrivalFocus(heading: RefObject<HTMLElement | null>) {
  useEffect(() => {
    if (!arriving) return;
    arriving = false;
    heading.current?.focus({ preventScroll: true });
  }, [heading]);
}
