// The few pictures of the app, drawn in the colour of the text around them. All are decoration: names go beside them.
import type { ComponentChildren } from "preact";

function Icon({ children, size = 16 }: { children: ComponentChildren; size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

/** Four strokes and one across: a tally of five. */
export const TallyMark = ({ size = 20 }: { size?: number }) => (
  <Icon size={size}>
    <path d="M3 3v10M6.3 3v10M9.6 3v10M12.9 3v10" stroke="currentColor" />
    <path class="tally-stroke" d="M1 11.5 15 4.5" />
  </Icon>
);

export const FilesIcon = () => (
  <Icon>
    <path d="M2 4.5A1.5 1.5 0 0 1 3.5 3h2.6l1.6 1.8h4.8A1.5 1.5 0 0 1 14 6.3v5.2a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 11.5z" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon size={14}>
    <path d="m4 4 8 8m0-8-8 8" />
  </Icon>
);
export const PlusIcon = () => (
  <Icon>
    <path d="M8 3v10M3 8h10" />
  </Icon>
);
export const PenIcon = () => (
  <Icon size={14}>
    <path d="m3 13 .6-2.8 7-7a1.2 1.2 0 0 1 1.7 0l.5.5a1.2 1.2 0 0 1 0 1.7l-7 7z" />
  </Icon>
);
export const BinIcon = () => (
  <Icon size={14}>
    <path d="M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5 5 13h6l.5-8.5" />
  </Icon>
);
export const PlayIcon = () => (
  <Icon size={14}>
    <path d="M5 3.2v9.6l7.5-4.8z" fill="currentColor" />
  </Icon>
);
export const StopIcon = () => (
  <Icon size={14}>
    <rect x="4" y="4" width="8" height="8" rx="1" fill="currentColor" />
  </Icon>
);
export const SendIcon = () => (
  <Icon>
    <path d="M8 13V3M3.8 7.2 8 3l4.2 4.2" />
  </Icon>
);
export const CheckIcon = ({ size = 16 }: { size?: number }) => (
  <Icon size={size}>
    <path d="m3 8.5 3.4 3.3L13 4.7" />
  </Icon>
);
export const CrossIcon = () => (
  <Icon>
    <path d="m4 4 8 8m0-8-8 8" />
  </Icon>
);
export const LockIcon = () => (
  <Icon size={12}>
    <rect x="3.5" y="7" width="9" height="6" rx="1" />
    <path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2" />
  </Icon>
);
export const InfoIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="6" />
    <path d="M8 7.3v3.4M8 5.2v.1" />
  </Icon>
);
export const DownIcon = () => (
  <Icon size={14}>
    <path d="M8 3v10M3.8 8.8 8 13l4.2-4.2" />
  </Icon>
);
