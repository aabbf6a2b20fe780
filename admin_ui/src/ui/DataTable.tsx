// A list as a table on wide screens and as cards on a phone, with the keys j, k and Enter.
import { type ColumnDef, type RowData, tableFeatures, useTable } from "@tanstack/react-table";
import { useRef } from "react";
import { navigate } from "@/router/router";
import { cx } from "./class-names";
import { useMediaQuery } from "./media";
import { useShortcuts } from "./shortcuts";
import { Skeleton } from "./states";

const features = tableFeatures({});
export type Columns<Row extends RowData> = ColumnDef<typeof features, Row>[];

export function DataTable<Row extends RowData & { id: string }>({
  label,
  columns,
  rows,
  rowHref,
  card,
}: {
  label: string;
  columns: Columns<Row>;
  rows: Row[];
  /** Where a row leads. The first cell must hold the link that says so; the rest of the row is a larger target for it. */
  rowHref?: (row: Row) => string;
  card: (row: Row) => React.ReactNode;
}) {
  const wide = useMediaQuery("(min-width: 48rem)");
  const table = useTable({ features, columns, data: rows, getRowId: (row) => row.id });
  const list = useRef<HTMLElement>(null);
  useRowKeys(list);

  const open = (row: Row) => (event: React.MouseEvent) => {
    const onControl = (event.target as Element).closest("a, button, input, select, label");
    const selecting = !getSelection()?.isCollapsed;
    if (!rowHref || onControl || selecting) return;
    if (event.metaKey || event.ctrlKey) window.open(rowHref(row));
    else navigate(rowHref(row));
  };

  if (!wide) {
    return (
      <section ref={list} aria-label={label}>
        <ul className="flex flex-col gap-2">
          {rows.map((row) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the card holds a real link; the click only widens it.
            <li
              key={row.id}
              onClick={open(row)}
              className="rounded-lg border border-line bg-raised p-3 has-[a:focus-visible]:bg-hover"
            >
              {card(row)}
            </li>
          ))}
        </ul>
      </section>
    );
  }
  return (
    <section
      ref={list}
      aria-label={label}
      className="overflow-x-auto rounded-lg border border-line bg-raised"
    >
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{label}</caption>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => (
                <th
                  key={header.id}
                  scope="col"
                  className="h-9 border-line border-b px-3 text-left font-medium text-muted text-xs whitespace-nowrap"
                >
                  <table.FlexRender header={header} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            // The first cell holds the real link; the click only widens it.
            <tr
              key={row.id}
              onClick={open(row.original)}
              className={cx(
                "border-line border-b last:border-b-0 hover:bg-hover/60 has-[a:focus-visible]:bg-hover",
                rowHref && "cursor-pointer",
              )}
            >
              {row.getAllCells().map((cell) => (
                <td key={cell.id} className="px-3 py-2.5 align-middle">
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** j and k move the focus over the rows' links, so that Enter is the browser's own. */
function useRowKeys(list: React.RefObject<HTMLElement | null>) {
  const move = (step: number) => () => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("[data-row-link]") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const next = at < 0 && step < 0 ? links.length - 1 : at + step;
    links[Math.min(Math.max(next, 0), links.length - 1)]?.focus();
  };
  useShortcuts({ j: move(1), k: move(-1) });
}

export function TableSkeleton({ label, rows = 8 }: { label: string; rows?: number }) {
  return (
    <div role="status" className="rounded-lg border border-line bg-raised">
      <span className="sr-only">Loading {label}…</span>
      <div className="h-9 border-line border-b" />
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move.
        <div key={row} className="flex items-center gap-6 border-line border-b px-3 py-3.5 last:border-b-0">
          <Skeleton className="h-5 w-1/4" />
          <Skeleton className="h-5 w-1/3" />
          <Skeleton className="ml-auto h-5 w-24" />
        </div>
      ))}
    </div>
  );
}
