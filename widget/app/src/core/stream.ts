// Follows a turn or an execution until it is over: by server-sent events, or by asking again and again where streams
// are refused, buffered or cut. Every chunk arrives once and in order, whatever happens to the connection.
import { ApiError, type Send } from "./api";
import { type Chunk, isOver, type WorkState } from "./contract";
import { backoff, sleep } from "./retry";
import { EventParser } from "./sse";

/** The server says something every 10 s. Twice that without a byte: a proxy holds it back, or the line is dead. */
const SILENCE_MS = 25_000;
/** Streams that broke without bringing anything, before this work is followed by polling. */
const PATIENCE = 2;
const POLL_SECONDS = 20;

interface Followed {
  id: string;
  state: WorkState;
}

export interface FollowOptions<Work extends Followed> {
  send: Send;
  /** `/session/turns/…` or `/session/executions/…` */
  path: string;
  /** The name under which a long poll carries the work itself. */
  key: "turn" | "execution";
  after?: number;
  signal: AbortSignal;
  onChunk: (chunk: Chunk) => void;
  onWork?: (work: Work) => void;
}

export async function follow<Work extends Followed>(options: FollowOptions<Work>): Promise<Work> {
  let after = options.after ?? 0;
  let failures = 0;
  let polling = false;
  const take = (chunk: Chunk) => {
    if (chunk.n <= after) return;
    after = chunk.n;
    failures = 0;
    options.onChunk(chunk);
  };

  for (;;) {
    try {
      const work = polling ? await poll(options, after, take) : await listen(options, after, take);
      if (work && isOver(work.state)) return work;
      // A stream that ended without an end: the server was restarted, or a proxy has had enough.
      if (!polling) failures++;
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof ApiError && error.code === "streams_busy") polling = true;
      else if (error instanceof ApiError && !error.passing) throw error;
      else failures++;
      if (!polling || failures > 0) await sleep(backoff(failures), options.signal);
    }
    if (failures > PATIENCE) polling = true;
  }
}

async function listen<Work extends Followed>(
  options: FollowOptions<Work>,
  after: number,
  take: (chunk: Chunk) => void,
): Promise<Work | undefined> {
  const silence = new AbortController();
  const signal = AbortSignal.any([options.signal, silence.signal]);
  let alarm = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await options.send("GET", `${options.path}?after=${after}`, {
      accept: "text/event-stream",
      signal,
    });
    if (!response.body) throw new ApiError(0, "offline", "");
    const parser = new EventParser();
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      clearTimeout(alarm);
      alarm = setTimeout(() => silence.abort(), SILENCE_MS);
      for (const event of parser.push(decoder.decode(value, { stream: true }))) {
        if (event.event === "chunk") take(JSON.parse(event.data) as Chunk);
        if (event.event === "end") return JSON.parse(event.data) as Work;
      }
    }
  } finally {
    clearTimeout(alarm);
    silence.abort();
  }
}

async function poll<Work extends Followed>(
  options: FollowOptions<Work>,
  after: number,
  take: (chunk: Chunk) => void,
): Promise<Work> {
  const response = await options.send("GET", `${options.path}?after=${after}&wait=${POLL_SECONDS}`, {
    signal: options.signal,
    timeoutMs: (POLL_SECONDS + 15) * 1000,
  });
  const answer = (await response.json()) as { chunks: Chunk[] } & Record<"turn" | "execution", Work>;
  for (const chunk of answer.chunks) take(chunk);
  options.onWork?.(answer[options.key]);
  return answer[options.key];
}
