// Chunks arrive once and in order, whatever happens to the connection.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError, type RequestOptions, type Send } from "../src/core/api";
import { EventParser } from "../src/core/sse";
import { follow } from "../src/core/stream";

const TURN = { id: "t", state: "done" as const };
const chunk = (n: number) => `id: ${n}\nevent: chunk\ndata: {"n":${n},"type":"text","text":"${n}"}\n\n`;
const END = `event: end\ndata: ${JSON.stringify(TURN)}\n\n`;
const stream = (...pieces: string[]) => new Response(new Blob(pieces).stream());

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function run(...answers: (Response | ApiError)[]) {
  const seen: string[] = [];
  const asked: string[] = [];
  const send: Send = async (_method, path, options: RequestOptions = {}) => {
    asked.push(`${options.accept ? "stream" : "poll"} ${path}`);
    const answer = answers.shift();
    if (!answer) throw new Error("asked once too often");
    if (answer instanceof ApiError) throw answer;
    return answer;
  };
  const done = follow<typeof TURN>({
    send,
    path: "/x",
    key: "turn",
    signal: new AbortController().signal,
    onChunk: (got) => seen.push(String(got.n)),
  });
  const result = done.then(
    (work) => work.state as string,
    (error) => error.code as string,
  );
  await vi.advanceTimersByTimeAsync(120_000);
  return { state: await result, seen, asked };
}

test("a whole stream", async () => {
  const { state, seen } = await run(stream(chunk(1), chunk(2), END));
  expect({ state, seen }).toEqual({ state: "done", seen: ["1", "2"] });
});

test("a cut stream is taken up after the last chunk, and repeats are dropped", async () => {
  const { seen, asked } = await run(stream(chunk(1), chunk(2)), stream(chunk(2), chunk(3), END));
  expect(seen).toEqual(["1", "2", "3"]);
  expect(asked[1]).toBe("stream /x?after=2");
});

test("busy streams are answered by polling", async () => {
  const { state, seen, asked } = await run(
    new ApiError(503, "streams_busy", ""),
    Response.json({ chunks: [{ n: 1, type: "text", text: "1" }], turn: { ...TURN, state: "running" } }),
    Response.json({ chunks: [{ n: 2, type: "text", text: "2" }], turn: TURN }),
  );
  expect({ state, seen }).toEqual({ state: "done", seen: ["1", "2"] });
  expect(asked.slice(1)).toEqual(["poll /x?after=0&wait=20", "poll /x?after=1&wait=20"]);
});

test("a proxy that cuts every stream ends in polling", async () => {
  const { state, asked } = await run(stream(), stream(), stream(), Response.json({ chunks: [], turn: TURN }));
  expect(state).toBe("done");
  expect(asked.at(-1)).toContain("poll");
});

test("what does not exist is not asked for again", async () => {
  expect((await run(new ApiError(404, "not_found", ""))).state).toBe("not_found");
});

describe("the parser", () => {
  test("does not mind where the text is cut", () => {
    const text = `: hello\r\n${chunk(1)}event: end\r\ndata: a\r\ndata: b\r\n\r\n`;
    for (let cut = 0; cut <= text.length; cut++) {
      const parser = new EventParser();
      const events = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))];
      expect(events.map(({ event, data }) => [event, data.length])).toEqual([
        ["chunk", 32],
        ["end", 3],
      ]);
    }
  });
});
