// A box that scrolls on its own: named, and reachable by keyboard, so that everybody can scroll it.
import type { ReactNode } from "react";

export function Scrollable({
  label,
  className,
  children,
}: {
  label: string;
  className: string;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without a tab stop only a pointer could scroll it.
    <section aria-label={label} tabIndex={0} className={className}>
      {children}
    </section>
  );
}
