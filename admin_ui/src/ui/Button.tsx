// Buttons, and links that look like them. A busy button says so and cannot be pressed twice.
import { LoaderCircle } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./class-names";

type Look = "primary" | "secondary" | "ghost" | "danger";
type Size = "small" | "medium" | "icon";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-on-accent border-accent hover:brightness-110",
  secondary: "bg-raised text-ink border-line hover:bg-hover",
  ghost: "bg-transparent text-muted border-transparent hover:bg-hover hover:text-ink",
  danger: "bg-raised text-danger border-danger/40 hover:bg-danger-soft",
};

// Touch targets grow where the pointer is coarse.
const SIZES: Record<Size, string> = {
  small: "h-7 px-2.5 text-xs gap-1.5 pointer-coarse:h-9",
  medium: "h-9 px-3.5 text-sm gap-2 pointer-coarse:h-11",
  icon: "size-9 justify-center pointer-coarse:size-11",
};

const shape = (look: Look, size: Size, className: string | undefined) =>
  cx(
    "inline-flex shrink-0 items-center justify-center rounded-md border font-medium whitespace-nowrap select-none transition-[background-color,filter] disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0",
    LOOKS[look],
    SIZES[size],
    className,
  );

interface Appearance {
  look?: Look;
  size?: Size;
}

export function Button({
  look = "secondary",
  size = "medium",
  busy = false,
  className,
  children,
  disabled,
  ...rest
}: ComponentProps<"button"> & Appearance & { busy?: boolean }) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={shape(look, size, className)}
    >
      {busy && <LoaderCircle aria-hidden className="animate-spin" />}
      {children}
    </button>
  );
}

export function ButtonLink({
  look = "secondary",
  size = "medium",
  className,
  children,
  ...rest
}: ComponentProps<"a"> & Appearance) {
  return (
    <a {...rest} className={shape(look, size, className)}>
      {children}
    </a>
  );
}

/** A button that shows a picture only; `label` is its name for those who do not see it. */
export function IconButton({
  label,
  children,
  ...rest
}: Omit<ComponentProps<typeof Button>, "size"> & { label: string; children: ReactNode }) {
  return (
    <Button look="ghost" size="icon" aria-label={label} title={label} {...rest}>
      {children}
    </Button>
  );
}
