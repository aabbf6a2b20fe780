// The frame's end of the handshake listens to nobody but the page that it was made for.
import { isEnvelope, seal } from "@tali/embed/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Host } from "../src/core/host";

const eid = "e1";
const ours = "https://ats.example";
let posted: { data: unknown; origin: string }[];
let parent: Window;
let host: Host;

beforeEach(() => {
  posted = [];
  parent = {
    postMessage: (data: unknown, origin: string) => posted.push({ data, origin }),
  } as unknown as Window;
  host = new Host({ eid, allowedOrigins: [ours, "https://other.example"], parent });
});
afterEach(() => {
  host.close();
  vi.useRealTimers();
});

function answer(over: Partial<{ origin: string; source: unknown; eid: string; token: string }> = {}) {
  const channel = new MessageChannel();
  const event = new MessageEvent("message", {
    data: seal(over.eid ?? eid, 0, { t: "init", d: { token: over.token ?? "p.s", sdk: "1" } }),
    origin: over.origin ?? ours,
    ports: [channel.port2] as never,
  });
  Object.defineProperty(event, "source", { value: over.source ?? parent });
  Object.defineProperty(event, "ports", { value: [channel.port2] });
  window.dispatchEvent(event);
  return channel.port1;
}

test("hello goes to each allowed origin by name, never to everybody", () => {
  void host.connect();
  expect(posted.map(({ origin }) => origin)).toEqual([ours, "https://other.example"]);
  expect(posted.every(({ data }) => isEnvelope(data, eid))).toBe(true);
});

test("an answer from elsewhere is not one", async () => {
  vi.useFakeTimers();
  const token = host.connect();
  answer({ origin: "https://evil.example" });
  answer({ source: window });
  answer({ eid: "e2" });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await token).toBeNull();
});

test("what was said before the port came is said when it comes, in order", async () => {
  const token = host.connect();
  host.tell({ t: "focus_query", d: null });
  host.tell({ t: "expired", d: { assessment: "p", reason: "expired" } });
  const port = answer();
  const heard: unknown[] = [];
  const both = new Promise<void>((resolve) => {
    port.onmessage = ({ data }) => {
      heard.push([data.seq, data.t]);
      if (heard.length === 2) resolve();
    };
  });
  expect(await token).toBe("p.s");
  await both;
  expect(heard).toEqual([
    [0, "focus_query"],
    [1, "expired"],
  ]);
  port.close();
});
