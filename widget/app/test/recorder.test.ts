// Every edit reaches the server once and in order, whatever happens on the way.
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError, type Send } from "../src/core/api";
import type { Batch, Edit, Limits } from "../src/core/contract";
import { MemoryOutbox, type Outbox, openOutbox } from "../src/core/outbox";
import { Recorder } from "../src/core/recorder";
import { deliverLeftovers, rebase } from "../src/core/replay";
import { Workspace } from "../src/core/workspace";

const limits: Limits = {
  message_chars: 16000,
  file_bytes: 262144,
  files: 50,
  batch_edits: 3,
  stdin_bytes: 65536,
};
const start = () => new Workspace([{ path: "a.py", content: "", readonly: false }]);

/** A server that keeps a workspace by the rules of the contract. */
class Server {
  files = start();
  epoch = 1;
  seq = 0;
  snapshots = 0;
  failures: ApiError[] = [];
  /** Applies the batches, but loses the answer on the way. */
  loseAnswers = 0;

  readonly send: Send = async (_method, path, options = {}) => {
    const failure = this.failures.shift();
    if (failure) throw failure;
    if (path.endsWith("/snapshot")) return this.#snapshot(options.body as never);
    for (const batch of (options.body as { batches: Batch[] }).batches) this.#apply(batch);
    if (this.loseAnswers-- > 0) throw new ApiError(0, "offline", "");
    return this.#saved();
  };

  #apply(batch: Batch): void {
    if (batch.writer_epoch !== this.epoch) throw new ApiError(409, "session_taken_over", "");
    if (batch.client_seq <= this.seq) return;
    if (batch.client_seq !== this.seq + 1 || batch.base_hash !== this.files.hash()) {
      throw new ApiError(409, "workspace_diverged", "", { accepted_seq: this.seq });
    }
    for (const edit of batch.edits) this.files.apply(edit);
    this.seq = batch.client_seq;
  }

  #snapshot(body: { files: Record<string, string>; client_seq: number }): Response {
    this.files = new Workspace(
      Object.entries(body.files).map(([path, content]) => ({ path, content, readonly: false })),
    );
    this.seq = body.client_seq;
    this.snapshots++;
    return this.#saved();
  }

  #saved(): Response {
    return Response.json({
      accepted_seq: this.seq,
      hash: this.files.hash(),
      saved_at: new Date().toISOString(),
    });
  }
}

interface Page {
  recorder: Recorder;
  type: (text: string) => void;
  text: () => string;
  ended: string[];
}

function open(server: Server, outbox: Outbox = new MemoryOutbox()): Page {
  const workspace = start();
  workspace.reset([{ path: "a.py", content: server.files.read("a.py"), readonly: false }]);
  const ended: string[] = [];
  const recorder = new Recorder({
    send: server.send,
    sendLast: () => {},
    outbox,
    workspace,
    limits,
    onTakenOver: () => ended.push("taken over"),
    onEnded: () => ended.push("ended"),
  });
  recorder.begin({ writer_epoch: server.epoch, last_seq: server.seq, hash: server.files.hash(), files: [] });
  const type = (text: string) => {
    for (const insert of text) {
      const from = workspace.read("a.py").length;
      const edit: Edit = { op: "edit", file: "a.py", from, to: from, insert, origin: "typed", at: "" };
      workspace.apply(edit);
      recorder.record(edit);
    }
  };
  return { recorder, type, text: () => workspace.read("a.py"), ended };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

/** Let everything that waits happen: timers, and the promises between them. */
async function settle(ms = 60_000): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

describe("sending", () => {
  test("edits leave together about a second after the first", async () => {
    const server = new Server();
    const { type } = open(server);
    type("ab");
    await settle(900);
    expect(server.seq).toBe(0);
    await settle(200);
    expect(server.files.read("a.py")).toBe("ab");
    expect(server.seq).toBe(1);
  });

  test("a batch holds no more edits than the server takes", async () => {
    const server = new Server();
    const { type } = open(server);
    type("abcdefg");
    await settle();
    expect(server.files.read("a.py")).toBe("abcdefg");
    expect(server.seq).toBe(3);
  });

  test("flush resolves only when the server has everything", async () => {
    const server = new Server();
    server.failures = [new ApiError(0, "offline", ""), new ApiError(503, "unavailable", "")];
    const { type, recorder } = open(server);
    type("x");
    const flushed = recorder.flush().then(() => server.files.read("a.py"));
    await settle();
    expect(await flushed).toBe("x");
  });

  test("an answer that is lost makes nothing happen twice", async () => {
    const server = new Server();
    server.loseAnswers = 2;
    const { type } = open(server);
    type("once");
    await settle();
    expect(server.files.read("a.py")).toBe("once");
    expect(server.snapshots).toBe(0);
  });

  test("edits made while a batch travels follow it", async () => {
    const server = new Server();
    const { type, recorder } = open(server);
    type("a");
    const flushed = recorder.flush();
    type("b");
    await flushed;
    await settle();
    expect(server.files.read("a.py")).toBe("ab");
  });

  test("the state on show tells waiting from saved", async () => {
    const server = new Server();
    server.failures = [new ApiError(0, "offline", "")];
    const { type, recorder } = open(server);
    type("a");
    expect(recorder.saving.value.state).toBe("saving");
    await settle(1_050);
    expect(recorder.saving.value).toMatchObject({ state: "waiting", because: "offline" });
    await settle();
    expect(recorder.saving.value.state).toBe("saved");
  });
});

describe("refusals", () => {
  test("a divergence is mended by a snapshot, and writing goes on", async () => {
    const server = new Server();
    const { type, text } = open(server);
    type("a");
    await settle();
    server.files.apply({ op: "edit", file: "a.py", from: 0, to: 0, insert: "?", origin: "typed", at: "" });
    type("bc");
    await settle();
    type("defgh");
    await settle();
    expect(server.files.read("a.py")).toBe(text());
    expect(server.snapshots).toBe(1);
  });

  test("a batch that the server will never take does not block the ones after it", async () => {
    const server = new Server();
    server.failures = [new ApiError(422, "invalid", "")];
    const { type, text } = open(server);
    type("ab");
    await settle();
    type("c");
    await settle();
    expect(server.files.read("a.py")).toBe(text());
  });

  test("a window that was taken over stops, and says so", async () => {
    const server = new Server();
    const { type, ended } = open(server);
    server.epoch = 2;
    type("x");
    await settle();
    expect(ended).toEqual(["taken over"]);
    expect(server.files.read("a.py")).toBe("");
  });
});

describe("after a reload", () => {
  test("what a closed page could not deliver arrives under its own numbers, once", async () => {
    const server = new Server();
    const outbox = await openOutbox("reload");
    const page = open(server, outbox);
    page.type("abc");
    server.failures = Array(50).fill(new ApiError(0, "offline", ""));
    page.type("de");
    page.recorder.leave();
    page.recorder.stop();
    vi.useRealTimers();
    server.failures = [];

    expect(await deliverLeftovers(server.send, outbox, 1)).toBe(true);
    expect(await deliverLeftovers(server.send, outbox, 1)).toBe(true);
    expect(server.files.read("a.py")).toBe("abcde");
    expect(await outbox.all()).toEqual([]);
  });

  test("leftovers of an overtaken epoch are refused, not lost", async () => {
    const server = new Server();
    const outbox = new MemoryOutbox();
    const page = open(server, outbox);
    page.type("abc");
    page.recorder.stop();
    server.epoch = 2;
    expect(await deliverLeftovers(server.send, outbox, 1)).toBe(false);
    const waiting = await outbox.all();
    const edits = rebase(waiting, { writer_epoch: 2, last_seq: 0, hash: server.files.hash(), files: [] });
    expect(edits.map((edit) => (edit.op === "edit" ? edit.insert : ""))).toEqual(["a", "b", "c"]);
  });

  test("edits are not put on top of text they were not made on", () => {
    const batch = { base_hash: "11111111", result_hash: "22222222", edits: [] } as unknown as Batch;
    expect(rebase([batch], { writer_epoch: 2, last_seq: 0, hash: "33333333", files: [] })).toEqual([]);
  });

  test("rows of one assessment are not another's", async () => {
    vi.useRealTimers();
    const [mine, theirs] = [await openOutbox("mine"), await openOutbox("theirs")];
    await mine.put({
      writer_epoch: 1,
      client_seq: 1,
      base_hash: "",
      result_hash: "",
      sent_at: "",
      edits: [],
    });
    expect(await theirs.all()).toEqual([]);
    await theirs.clear();
    expect(await mine.all()).toHaveLength(1);
  });
});
