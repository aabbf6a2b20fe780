import { expect, test, vi } from "vitest";
import { ApiError } from "../src/core/api";
import type { Calibration, Session, Turn } from "../src/core/contract";
import { WarmUp } from "../src/core/warm-up";

const turn = (index: number, state: Turn["state"] = "done"): Turn => ({
  id: `turn-${index}`,
  index,
  message: `Question ${index}`,
  response: "Slice it.",
  state,
  error: null,
  created_at: "2026-03-02T09:00:00.000Z",
  finished_at: "2026-03-02T09:00:01.000Z",
  chunk_count: 1,
});

const offered = (turns: Turn[], messages_left: number): Calibration => ({
  prompt: "Reverse a string",
  state: turns.length > 0 ? "open" : "offered",
  messages_left,
  turns,
});

/** A server that answers every message at once. */
function server() {
  const requests: { method: string; path: string; body: unknown }[] = [];
  const send = vi.fn(async (method: string, path: string, options: { body?: unknown } = {}) => {
    requests.push({ method, path, body: options.body });
    if (path.endsWith("/chat")) return Response.json({ turn: { ...turn(1), state: "queued", response: "" } });
    if (path.includes("/turns/")) throw new ApiError(404, "turn_not_found", "");
    return Response.json({});
  });
  return { send, requests };
}

test("a message carries the consent, and nothing of the work", async () => {
  const { send, requests } = server();
  const warmUp = new WarmUp({} as Session, offered([], 5), send);
  await warmUp.conversation.ask("How?", { consent_version: "2026-11" });
  expect(requests[0]).toEqual({
    method: "POST",
    path: "/session/calibration/chat",
    body: { message: "How?", consent_version: "2026-11" },
  });
  expect(warmUp.conversation.exchanges.value).toHaveLength(1);
  warmUp.stop();
});

test("messages left are counted down, and one that failed costs none", () => {
  const { send } = server();
  const warmUp = new WarmUp({} as Session, offered([turn(1), turn(2, "failed")], 4), send);
  expect(warmUp.left.value).toBe(4);
  warmUp.conversation.exchanges.value = [
    ...warmUp.conversation.exchanges.value,
    { turn: turn(3), parts: [] },
  ];
  expect(warmUp.left.value).toBe(3);
  warmUp.stop();
});

test("who wrote nothing has nothing to finish", async () => {
  const { send, requests } = server();
  const warmUp = new WarmUp({} as Session, offered([], 5), send);
  await warmUp.finish();
  expect([requests.length, warmUp.closed.value]).toEqual([0, false]);
  warmUp.conversation.exchanges.value = [{ turn: turn(1), parts: [] }];
  await warmUp.finish();
  expect(requests.map(({ path }) => path)).toEqual(["/session/calibration/finish"]);
  expect(warmUp.closed.value).toBe(true);
});
