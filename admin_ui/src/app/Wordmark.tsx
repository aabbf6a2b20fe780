// The name as the product signs itself.
import { cx } from "@/ui/class-names";

export function Wordmark({ className }: { className?: string }) {
  return (
    <span className={cx("inline-flex items-center gap-2 font-bold tracking-tight", className)}>
      <span aria-hidden className="grid size-[1.35em] place-items-center rounded-[0.3em] bg-accent">
        <svg viewBox="0 0 32 32" className="size-[1.1em] fill-on-accent">
          <title>TALI</title>
          <path d="M8 9h16v4h-5.8v11h-4.4V13H8z" />
        </svg>
      </span>
      TALI
    </span>
  );
}
