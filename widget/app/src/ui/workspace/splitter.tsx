// The line between two parts, which moves with the pointer and with the arrow keys.
import type { RefObject } from "preact";
import { useState } from "preact/hooks";

const STEP = 24;

interface SplitterProps {
  container: RefObject<HTMLElement | null>;
  /** Sets `--size-<name>` on the container, in px. */
  name: string;
  label: string;
  /** The size that the style sheet begins with. */
  initial: number;
  min: number;
  max: number;
  /** The part that is sized lies after the line. */
  fromEnd?: boolean;
  /** The line lies flat and moves up and down; the part that is sized lies below it. */
  vertical?: boolean;
}

export function Splitter({
  container,
  name,
  label,
  initial,
  min,
  max,
  fromEnd = false,
  vertical = false,
}: SplitterProps) {
  const [size, setSize] = useState(initial);
  const grows = fromEnd || vertical ? -1 : 1;

  const apply = (wanted: number) => {
    const next = Math.round(Math.min(max, Math.max(min, wanted)));
    container.current?.style.setProperty(`--size-${name}`, `${next}px`);
    setSize(next);
  };

  const drag = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    if (event.button !== 0) return;
    const line = event.currentTarget;
    const start = size;
    const origin = vertical ? event.clientY : event.clientX;
    line.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) =>
      apply(start + ((vertical ? moved.clientY : moved.clientX) - origin) * grows);
    line.addEventListener("pointermove", move);
    line.addEventListener("lostpointercapture", () => line.removeEventListener("pointermove", move), {
      once: true,
    });
  };

  const press = (event: KeyboardEvent) => {
    const [less, more] = vertical ? ["ArrowDown", "ArrowUp"] : ["ArrowLeft", "ArrowRight"];
    const direction = event.key === more ? 1 : event.key === less ? -1 : 0;
    if (direction === 0) return;
    event.preventDefault();
    apply(size + direction * STEP * (vertical ? 1 : grows));
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: <hr> cannot be focused and moved; this is the ARIA window splitter.
    <div
      class="splitter"
      data-name={name}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={vertical ? "horizontal" : "vertical"}
      aria-valuemin={min}
      aria-valuemax={max}
      aria-valuenow={size}
      onPointerDown={drag}
      onKeyDown={press}
    />
  );
}
