// A row of tabs: arrow keys move between them, Tab moves on.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface Tab<Id extends string> {
  id: Id;
  label: string;
  controls?: string;
  badge?: ComponentChildren;
}

interface TabsProps<Id extends string> {
  class: string;
  label: string;
  tabs: Tab<Id>[];
  active: Id | null;
  onSelect: (id: Id) => void;
  /** Makes tabs closable, by a button and by the Delete key. */
  onClose?: (id: Id) => void;
  closeButton?: (id: Id) => ComponentChildren;
}

export function Tabs<Id extends string>(props: TabsProps<Id>) {
  const { label, tabs, active, onSelect, onClose, closeButton } = props;
  const list = useRef<HTMLDivElement>(null);

  // Where the row is longer than its place, the chosen tab is the one to see, with its button to close it.
  useEffect(() => {
    const row = list.current;
    const chosen = row?.querySelector<HTMLElement>('[data-active="true"]');
    if (!row || !chosen) return;
    const reveal = () => {
      const { offsetLeft: start, offsetWidth: width } = chosen;
      if (start < row.scrollLeft) row.scrollLeft = start;
      else if (start + width > row.scrollLeft + row.clientWidth)
        row.scrollLeft = start + width - row.clientWidth;
    };
    reveal();
    const observer = new ResizeObserver(reveal);
    observer.observe(row);
    return () => observer.disconnect();
  }, [active, tabs.length]);

  const move = (event: KeyboardEvent, place: number) => {
    const last = tabs.length - 1;
    const next =
      event.key === "ArrowRight"
        ? place === last
          ? 0
          : place + 1
        : event.key === "ArrowLeft"
          ? place === 0
            ? last
            : place - 1
          : event.key === "Home"
            ? 0
            : event.key === "End"
              ? last
              : null;
    const tab = tabs[place];
    if (event.key === "Delete" && onClose && tab) onClose(tab.id);
    const target = next === null ? undefined : tabs[next];
    if (!target || next === null) return;
    event.preventDefault();
    onSelect(target.id);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[next]?.focus();
  };

  return (
    <div class={`tabs ${props.class}`} role="tablist" aria-label={label} ref={list}>
      {tabs.map(({ id, label: name, controls, badge }, place) => (
        <div class="tab" role="presentation" data-active={id === active} key={id}>
          <button
            type="button"
            role="tab"
            id={`tab-${props.class}-${place}`}
            aria-selected={id === active}
            aria-controls={controls}
            aria-keyshortcuts={onClose && "Delete"}
            tabIndex={id === active || (active === null && place === 0) ? 0 : -1}
            onClick={() => onSelect(id)}
            onKeyDown={(event) => move(event, place)}
          >
            {name}
            {badge}
          </button>
          {closeButton?.(id)}
        </div>
      ))}
    </div>
  );
}
