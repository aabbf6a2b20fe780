// What stands around a list: its search, its filter, and the button that brings more of it.
import { Search } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { plural } from "@/format/format";
import { Button } from "./Button";
import { cx } from "./class-names";
import { controlClass } from "./Field";
import { useShortcuts } from "./shortcuts";

const SEARCH_PAUSE_MS = 250;

/** Searches once typing pauses. `/` brings the focus here. */
export function SearchField({
  label,
  value,
  onSearch,
}: {
  label: string;
  value: string;
  onSearch(text: string): void;
}) {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const sent = useRef(value);
  useShortcuts({ "/": () => field.current?.focus() });

  // The address may change without this field: by the back button, or by a link to all of the list.
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setText(value);
  }, [value]);

  const search = useEffectEvent((wanted: string) => {
    sent.current = wanted;
    onSearch(wanted);
  });

  useEffect(() => {
    const wanted = text.trim();
    if (wanted === sent.current) return;
    const timer = setTimeout(() => search(wanted), SEARCH_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);

  return (
    <div className="relative w-full sm:w-72">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
      />
      <input
        ref={field}
        type="search"
        aria-label={label}
        placeholder={label}
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
        className={cx(controlClass, "pl-9")}
      />
    </div>
  );
}

/** A choice of one, all of it in sight. */
export function Segments({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onChange(value: string): void;
}) {
  return (
    <fieldset className="-mx-4 flex min-w-0 max-w-[100vw] gap-1 overflow-x-auto px-4 py-1 md:mx-0 md:px-1">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className="h-7 shrink-0 rounded-md px-2.5 pointer-coarse:h-9 text-muted text-sm hover:bg-hover hover:text-ink aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent-ink"
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}

interface Growing {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage(): unknown;
}

export function LoadMore({ query, shown, what }: { query: Growing; shown: number; what: string }) {
  return (
    <div className="mt-4 flex flex-wrap items-center justify-between gap-3 text-muted text-sm">
      <p role="status">
        {plural(shown, what)}
        {query.hasNextPage ? " shown, there are more" : ""}
      </p>
      {query.hasNextPage && (
        <div className="flex items-center gap-3">
          {query.isFetchNextPageError && <span className="text-danger">The next ones did not arrive.</span>}
          <Button busy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
            Load more
          </Button>
        </div>
      )}
    </div>
  );
}
