// How the embed's tests run: in a simulated browser page that loads nothing.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "happy-dom",
    environmentOptions: {
      happyDOM: { settings: { disableIframePageLoading: true, handleDisabledFileLoadingAsSuccess: true } },
    },
    include: ["test/**/*.test.ts"],
  },
});
