// A visit from the opened link to the work handed in, and the ways in which it ends elsewhere.
import "fake-indexeddb/auto";
import { expect, test, vi } from "vitest";
import { ApiError, type Send } from "../src/core/api";
import type { Session } from "../src/core/contract";
import { openKeep } from "../src/core/keep";
import { type Phase, Visit } from "../src/core/session";

const HOUR = 3_600_000;
const later = (ms: number) => new Date(Date.now() + ms).toISOString();

function session(state: Session["attempt"]["state"], over: Partial<Session> = {}): Session {
  return {
    server_time: later(0),
    organization: { name: "Northwind" },
    candidate: { full_name: "Ada" },
    assessment: { public_id: "p", state: "invited", expires_at: later(HOUR), proctored: false },
    task: {
      title: "T",
      summary: "",
      duration_seconds: 3600,
      languages: ["python"],
      brief: "",
      kind: "debugging",
    },
    calibration: null,
    attempt: {
      state,
      started_at: null,
      deadline: later(HOUR),
      paused_at: null,
      submitted_at: null,
      submitted_by: null,
    },
    recorded: [],
    consent_version: "1",
    assistant: { name: "Claude", is_ai: true, notice: null },
    sandbox: { available: true, reason: null },
    run: { entry: null, command_label: "", files_hint: "", tests: true },
    workspace: { writer_epoch: 1, last_seq: 0, hash: "2144df1c", files: [] },
    turns: [],
    earlier_turns: false,
    executions: [],
    limits: { message_chars: 1, file_bytes: 1, files: 1, batch_edits: 1, stdin_bytes: 1 },
    ...over,
  };
}

type Answers = Record<string, () => unknown>;

function visit(answers: Answers) {
  const asked: string[] = [];
  const http: Send = async (_method, path) => {
    asked.push(path);
    if (path === "/session/open") {
      const opened = answers[path]?.() ?? session("ready");
      return Response.json({ bearer: "b", expires_in: 900, resume_key: "r", session: opened });
    }
    return Response.json(answers[path]?.() ?? {});
  };
  const keep = openKeep(() => {
    throw new Error("blocked");
  });
  const it = new Visit({
    keep,
    host: undefined,
    framed: false,
    publicId: null,
    credential: async () => ({ invitation: "i" }),
    http,
  });
  return { it, asked, at: () => it.phase.value.at as Phase["at"] };
}

const refuse = (status: number, code: string) => () => {
  throw new ApiError(status, code, "");
};

test("from the welcome page through the work to the end", async () => {
  const { it, at, asked } = visit({
    "/session/start": () => session("in_progress"),
    "/session/submit": () => session("submitted"),
  });
  await it.open();
  expect(at()).toBe("welcome");
  await it.start();
  expect(at()).toBe("working");
  // The window that started is the writer already.
  expect(asked).not.toContain("/session/takeover");
  await it.submit();
  expect(at()).toBe("done");
});

test("a page opened on running work takes it over", async () => {
  const { it, at, asked } = visit({
    "/session/open": () => session("in_progress"),
    "/session/takeover": () => session("in_progress"),
  });
  await it.open();
  expect(at()).toBe("working");
  expect(asked).toContain("/session/takeover");
  await it.submit();
});

test("time given in the last moment brings the page back to work", async () => {
  const ending = session("in_progress");
  const { it, at, asked } = visit({
    "/session/start": () => ({ ...ending, attempt: { ...ending.attempt, deadline: later(100) } }),
    "/session/takeover": () => session("in_progress"),
    "/session": () => session("in_progress"),
  });
  await it.open();
  await it.start();
  await vi.waitFor(() => expect(asked).toContain("/session/takeover"), 5_000);
  await vi.waitFor(() => expect(at()).toBe("working"));
  expect(it.clock.secondsLeft.value).toBeGreaterThan(3_000);
});

test("a pause holds the page, and its end lets it go on with the deadline that the server says", async () => {
  const running = session("in_progress");
  let paused_at: string | null = later(0);
  const { it, at } = visit({
    "/session/start": () => ({ ...running, attempt: { ...running.attempt, paused_at } }),
    "/session/clock": () => ({
      server_time: later(0),
      state: "in_progress",
      deadline: later(2 * HOUR),
      paused_at,
      pause_ends_at: null,
    }),
  });
  await it.open();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    await it.start();
    const phase = it.phase.value;
    if (phase.at !== "working") throw new Error(phase.at);
    expect(phase.attempt.paused.value).toBe(true);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(phase.attempt.paused.value).toBe(true);
    paused_at = null;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(phase.attempt.paused.value).toBe(false);
    expect(it.clock.secondsLeft.value).toBeGreaterThan(7_000);
    expect(at()).toBe("working");
  } finally {
    vi.useRealTimers();
  }
});

test("work that was handed in meanwhile is not taken over", async () => {
  let state: "in_progress" | "submitted" = "in_progress";
  const { it, at } = visit({
    "/session/open": () => session(state),
    "/session/takeover": () => {
      state = "submitted";
      return refuse(409, "attempt_not_in_progress")();
    },
    "/session": () => session("submitted"),
  });
  await it.open();
  expect(at()).toBe("done");
});

test("a start that another window won goes on with that attempt", async () => {
  const { it, at } = visit({
    "/session/start": refuse(409, "attempt_not_ready"),
    "/session": () => session("in_progress"),
    "/session/takeover": () => session("in_progress"),
  });
  await it.open();
  await it.start();
  expect(at()).toBe("working");
});

test("a start that fails in passing can be tried again, with the reason on the page", async () => {
  const { it, at } = visit({ "/session/start": refuse(503, "unavailable") });
  await it.open();
  await it.start();
  expect(it.phase.value).toMatchObject({ at: "welcome", starting: false, problem: { code: "unavailable" } });
  expect(at()).toBe("welcome");
});

test("a hand-in that fails comes back to the editor, with the reason", async () => {
  const { it } = visit({
    "/session/start": () => session("in_progress"),
    "/session/submit": refuse(503, "unavailable"),
  });
  await it.open();
  await it.start();
  await it.submit();
  expect(it.phase.value).toMatchObject({ at: "working", problem: { code: "unavailable" } });
});

test.each([
  [410, "assessment_expired", "closed"],
  [410, "assessment_cancelled", "closed"],
  [401, "token_invalid", "reopen"],
  [500, "internal", "failed"],
])("%i %s ends in %s", async (status, code, at) => {
  const visited = visit({ "/session/open": refuse(status, code) });
  await visited.it.open();
  expect(visited.at()).toBe(at);
});
