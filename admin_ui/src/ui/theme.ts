// Light, dark, or as the system says. `public/theme.js` reads the same key before the first paint.
import { preference } from "./preferences";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const theme = preference<Theme>("tali-theme", THEMES, "system");

theme.subscribe(() => {
  const chosen = theme.get();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
});
