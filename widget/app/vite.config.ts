// Builds the candidate app into the folder that the server serves.
import { defineConfig } from "vite";
// @ts-expect-error: a plain module shared by both front ends, without types
import { taliTokens } from "../../core/tali/brand/tokens.mjs";

export default defineConfig({
  base: "/static/embed/app/",
  plugins: [taliTokens()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../../core/tali/static/embed/app",
    emptyOutDir: true,
    target: "es2022",
    // Every browser that runs the editor preloads modules by itself.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
