// The script at /embed/v1.js: one global, whichever way and however often it is loaded.
import { afterEach, expect, test, vi } from "vitest";
import { scriptOrigin } from "../src/origin";

afterEach(() => {
  document.head.innerHTML = "";
  vi.resetModules();
});

test("finds its origin by its tag, and without a tag by the call stack", () => {
  expect(scriptOrigin("at https://a.example:8443/embed/v1.js:1:20")).toBe("https://a.example:8443");
  expect(scriptOrigin("x@http://127.0.0.1:8000/embed/v1.js:1:20")).toBe("http://127.0.0.1:8000");
  expect(scriptOrigin("")).toBe("");
  const script = document.createElement("script");
  script.type = "text/plain";
  script.src = "https://tali.example/embed/v1.js";
  document.head.append(script);
  expect(scriptOrigin("")).toBe("https://tali.example");
});

test("loaded twice, the first stays", async () => {
  await import("../src/v1");
  const first = window.Tali;
  vi.resetModules();
  await import("../src/v1");
  expect(window.Tali).toBe(first);
  expect(Object.keys(window.Tali ?? {})).toEqual(["version", "mount"]);
});
