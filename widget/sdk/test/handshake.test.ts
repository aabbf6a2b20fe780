// The loader hands its port to nobody but the frame that it made.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type MountedAssessment, mount } from "../src/index";
import { iframes, inhabit, ORIGIN, settle } from "./page";

let handle: MountedAssessment;
let iframe: HTMLIFrameElement;
let errors: string[];

beforeEach(async () => {
  document.body.innerHTML = "<div id=place></div>";
  errors = [];
  handle = mount(document.getElementById("place") as Element, { session: "pub.secret", origin: ORIGIN });
  handle.on("error", ({ code }) => errors.push(code));
  await settle();
  iframe = iframes()[0] as HTMLIFrameElement;
});
afterEach(() => {
  handle.destroy();
  vi.useRealTimers();
});

test("the secret goes over the port, not into the address", () => {
  expect(iframe.src).toMatch(/^https:\/\/tali\.example\/embed\/s\/pub\?v=1&eid=[0-9a-f]{32}$/);
  const { inits, hello } = inhabit(iframe);
  hello();
  expect(inits[0]?.data.d.token).toBe("pub.secret");
  expect(inits[0]?.origin).toBe(ORIGIN);
});

test("a hello from another window, another origin or another embed is not answered", () => {
  const { inits, hello } = inhabit(iframe);
  hello({ source: window });
  hello({ source: null });
  hello({ origin: "https://evil.example" });
  hello({ eid: "0".repeat(32) });
  expect(inits).toHaveLength(0);
});

test("a hello that is said again gets no second port; a frame that was reloaded does", () => {
  const { inits, hello } = inhabit(iframe);
  hello();
  hello();
  expect(inits).toHaveLength(1);
  hello({ load: "second" });
  expect(inits).toHaveLength(2);
});

test("events arrive through `on` and as DOM events; unknown ones do not", async () => {
  const heard: unknown[] = [];
  handle.on("ready", (detail) => heard.push(detail));
  document.addEventListener("tali:ready", (event) => heard.push((event as CustomEvent).detail));
  const { hello, say } = inhabit(iframe);
  hello();
  say("ready", { assessment: "pub", state: "ready" });
  say("score", { value: 99 });
  await settle();
  expect(heard).toEqual([
    { assessment: "pub", state: "ready" },
    { assessment: "pub", state: "ready" },
  ]);
});

test("ten silent seconds end in a visible way out that still works", async () => {
  handle.destroy();
  await settle();
  vi.useFakeTimers();
  handle = mount(document.getElementById("place") as Element, { session: "pub.secret", origin: ORIGIN });
  handle.on("error", ({ code }) => errors.push(code));
  await vi.advanceTimersByTimeAsync(10_001);
  const link = document.querySelector("tali-assessment")?.shadowRoot?.querySelector("a");
  expect(link?.textContent).toBe("Open the assessment in a new tab");
  expect(link?.href).toBe(`${ORIGIN}/embed/s/pub?v=1#pub.secret`);
  expect(errors).toEqual(["load_timeout"]);
});

test("a frame that answers late takes its place back", async () => {
  handle.destroy();
  await settle();
  vi.useFakeTimers();
  handle = mount(document.getElementById("place") as Element, { session: "pub.secret", origin: ORIGIN });
  await vi.advanceTimersByTimeAsync(10_001);
  const late = iframes()[0] as HTMLIFrameElement;
  inhabit(late).hello();
  expect(document.querySelector("tali-assessment")?.shadowRoot?.querySelector("a")).toBeNull();
  expect(late.style.display).toBe("block");
});
