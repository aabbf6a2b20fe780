// A file to read: numbered lines, notes under the lines they are about, and one line to jump to.
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { cx } from "./class-names";
import { highlightLines, type Piece } from "./highlight";
import { Scrollable } from "./Scrollable";

export const Pieces = ({ pieces }: { pieces: Piece[] }) =>
  pieces.map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line never move.
    <span key={index} className={piece.className}>
      {piece.text}
    </span>
  ));

export function CodeView({
  path,
  code,
  target,
  notes,
}: {
  path: string;
  code: string;
  /** The line that a link pointed at. */
  target?: number | undefined;
  notes?: Map<number, ReactNode>;
}) {
  const lines = useMemo(() => highlightLines(code.replace(/\n$/, ""), path), [code, path]);
  const targetRow = useRef<HTMLTableRowElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new target, or a new file, is a new jump.
  useEffect(() => {
    targetRow.current?.scrollIntoView({ block: "center" });
  }, [target, path]);

  return (
    <CodeFrame label={path}>
      {lines.map((pieces, index) => {
        const number = index + 1;
        const note = notes?.get(number);
        return (
          <CodeRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number.
            key={index}
            gutter={[number]}
            note={note}
            rowRef={number === target ? targetRow : undefined}
            className={cx(number === target && "bg-accent-soft", note != null && "bg-warning-soft")}
          >
            <Pieces pieces={pieces} />
          </CodeRow>
        );
      })}
    </CodeFrame>
  );
}

export function CodeFrame({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Scrollable label={label} className="code overflow-x-auto font-mono text-xs leading-5">
      <table className="w-full border-collapse">
        <tbody>{children}</tbody>
      </table>
    </Scrollable>
  );
}

export function CodeRow({
  gutter,
  sign,
  note,
  className,
  rowRef,
  children,
}: {
  gutter: (number | null)[];
  sign?: string;
  note?: ReactNode;
  className?: string;
  rowRef?: React.Ref<HTMLTableRowElement> | undefined;
  children: ReactNode;
}) {
  return (
    <>
      <tr ref={rowRef} className={className}>
        {gutter.map((number, index) => (
          <td
            // biome-ignore lint/suspicious/noArrayIndexKey: old number first, new number second, always.
            key={index}
            className="w-px min-w-9 whitespace-nowrap select-none px-2 text-right align-top text-muted tabular-nums"
          >
            {number}
          </td>
        ))}
        {sign !== undefined && <td className="w-4 select-none align-top">{sign}</td>}
        <td className="whitespace-pre pr-4 pl-1">{children}</td>
      </tr>
      {note != null && (
        <tr>
          <td colSpan={gutter.length + (sign === undefined ? 0 : 1)} />
          <td className="py-1 pr-4 pl-1 font-sans">{note}</td>
        </tr>
      )}
    </>
  );
}
