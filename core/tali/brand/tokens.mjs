// Turns tokens.json into CSS custom properties, as a Vite plugin that both front ends share:
// `import "virtual:tali-tokens.css"` gives `--tali-<token>` for light, dark and the reader's own preference.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("./tokens.json", import.meta.url));
const ID = "virtual:tali-tokens.css";

const declarations = (values) =>
  Object.entries(values)
    .map(([name, value]) => `--tali-${name}:${value};`)
    .join("");

export function tokensCss() {
  const { font, radius, themes } = JSON.parse(readFileSync(source, "utf8"));
  const shape =
    declarations(Object.fromEntries(Object.entries(font).map(([k, v]) => [`font-${k}`, v]))) +
    declarations(Object.fromEntries(Object.entries(radius).map(([k, v]) => [`radius-${k}`, v])));
  const light = `color-scheme:light;${declarations(themes.light)}`;
  const dark = `color-scheme:dark;${declarations(themes.dark)}`;
  return (
    `:root{${shape}${light}}` +
    `:root[data-theme="dark"]{${dark}}` +
    `@media (prefers-color-scheme:dark){:root:not([data-theme="light"]){${dark}}}`
  );
}

export function taliTokens() {
  return {
    name: "tali-tokens",
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load(id) {
      if (id !== `\0${ID}`) return undefined;
      this.addWatchFile(source);
      return tokensCss();
    },
  };
}
