// Builds the embed twice: the script that a TALI server hands out (v1.js), and the npm package (dist/).
import { defineConfig } from "vite";

const script = {
  // An immediately invoked function without exports: the same bytes run as a classic script and as a module.
  lib: { entry: "src/v1.ts", formats: ["iife" as const], name: "TaliEmbed", fileName: () => "v1.js" },
  outDir: "../../core/tali/static/embed",
  emptyOutDir: false,
};

const npmPackage = {
  lib: { entry: "src/index.ts", formats: ["es" as const], fileName: () => "index.js" },
  outDir: "dist",
};

export default defineConfig(({ mode }) => ({
  publicDir: false,
  build: { target: "es2022", copyPublicDir: false, ...(mode === "package" ? npmPackage : script) },
}));
