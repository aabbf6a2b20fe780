// Jumping to the moment that a link points at: load until it is there, bring it into sight, and give it the focus.
import { useEffect, useRef } from "react";

interface Growing {
  hasNextPage: boolean;
  isFetching: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage(): unknown;
}

/**
 * Gives the ref for the target. `found` says whether the target is among what is loaded; until it is, pages are fetched
 * one after another. Each `target` is jumped to once, so that later refetches do not pull the reader back.
 */
export function useJump(target: string | null, found: boolean, query: Growing) {
  const element = useRef<HTMLElement | null>(null);
  const done = useRef<string | null>(null);
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query;
  const searching = target !== null && !found && hasNextPage && !isFetchNextPageError;

  useEffect(() => {
    if (searching && !isFetching) fetchNextPage();
  }, [searching, isFetching, fetchNextPage]);

  useEffect(() => {
    if (target === null || !found || done.current === target) return;
    done.current = target;
    element.current?.focus({ preventScroll: true });
    // Rows above the target get their real height only as they come near (content-visibility), which moves it again.
    let frame = 0;
    const settle = (frames: number) => {
      element.current?.scrollIntoView({ block: "start" });
      if (frames > 0) frame = requestAnimationFrame(() => settle(frames - 1));
    };
    settle(15);
    return () => cancelAnimationFrame(frame);
  }, [target, found]);

  return { element, searching };
}
