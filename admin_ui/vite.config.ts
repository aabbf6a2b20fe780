// How the recruiter's app is built: into the Python package, which serves it at `/` with assets under /static/admin/.
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { taliTokens } from "../core/tali/brand/tokens.mjs";
import { precompress } from "./precompress.ts";

const server = process.env.TALI_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/static/admin/",
  plugins: [taliTokens(), tailwindcss(), react(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: fileURLToPath(new URL("../core/tali/static/admin", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    // Inlined assets would be data: URLs, which the content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": server } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
  },
});
