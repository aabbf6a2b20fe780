// Joins class names, leaving out what a condition has switched off.
export const cx = (...names: (string | false | null | undefined)[]) => names.filter(Boolean).join(" ");
