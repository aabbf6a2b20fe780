// How the embed's tests run: in a simulated browser page that loads nothing.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "happy-dom",
    environmentOptions: {
      happyDOM: { settings: { disableIframePageLoading: true, handleDisabledFileLoadingAsSuccess: true } },
    },
    // The simulated page says of every iframe that it does not load it, which is what is wanted.
    onConsoleLog: (log) => !log.includes("Iframe page loading is disabled"),
    include: ["test/**/*.test.ts"],
  },
});
