import { expect, test, vi } from "vitest";
import { ApiError } from "../src/core/api";
import type { Turn } from "../src/core/contract";
import { Conversation } from "../src/core/conversation";

const turn = (index: number): Turn => ({
  id: `turn-${index}`,
  index,
  message: `Question ${index}`,
  response: `Answer ${index}`,
  state: "done",
  error: null,
  created_at: "2026-03-02T09:00:00.000Z",
  finished_at: "2026-03-02T09:00:01.000Z",
  chunk_count: 1,
});

test("a long conversation is brought back whole, piece by piece, whatever fails on the way", async () => {
  const asked: string[] = [];
  const send = vi.fn(async (_method: string, path: string) => {
    asked.push(path);
    if (asked.length === 1) throw new Error("the network is gone");
    const earlier = path.endsWith("before=4") ? [turn(2), turn(3)] : [turn(1)];
    return Response.json({ turns: earlier, earlier_turns: earlier.length === 2 });
  });
  const conversation = new Conversation({
    send,
    turns: [turn(4), turn(5)],
    earlier: true,
    settle: async () => 0,
    epoch: () => 1,
  });
  await vi.waitFor(() => expect(conversation.exchanges.value).toHaveLength(5), { timeout: 3000 });
  expect(conversation.exchanges.value.map((exchange) => exchange.turn.index)).toEqual([1, 2, 3, 4, 5]);
  expect(conversation.replies()).toContain("Answer 1");
  conversation.stop();
});

test("an assistant whose budget is used up says so calmly, once, and is not asked again by itself", async () => {
  const sentence = "The assistant's budget for this assessment is used up.";
  const send = vi.fn(async () => {
    throw new ApiError(429, "spend_cap_reached", sentence);
  });
  const conversation = new Conversation({ send, turns: [], earlier: false });
  await conversation.ask("May I?", { consent_version: "1" });
  expect(conversation.exhausted.value).toBe(sentence);
  expect(conversation.exchanges.value).toEqual([]);
  expect(conversation.sending.value).toBe(false);
  expect(send).toHaveBeenCalledTimes(1);
});
