// The session's rules: restored by the cookie, renewed once for many, ended only by a clear no.
import { describe, expect, test } from "vitest";
import { ended, fakeServer, sessionOf } from "@/testing/server";
import { createSession } from "./session";

const get = (path: string) => new Request(new URL(`/api/v1${path}`, location.origin));

describe("restoring", () => {
  test("a live cookie signs in without asking for anything", async () => {
    const server = fakeServer({ "POST /auth/refresh": () => ({ status: 200, body: sessionOf("t1") }) });
    const session = createSession(server.send);
    expect(session.state().status).toBe("restoring");
    await session.restore();
    expect(session.state()).toMatchObject({
      status: "signed-in",
      me: { user: { full_name: "Rosa Keller" } },
    });
  });

  test("no cookie leads to the sign-in page, without a message about an ended session", async () => {
    const session = createSession(fakeServer({ "POST /auth/refresh": () => ended }).send);
    await session.restore();
    expect(session.state()).toEqual({ status: "signed-out", why: "never" });
  });

  test("a server that does not answer signs nobody out, and can be tried again", async () => {
    let up = false;
    const server = fakeServer({ "POST /auth/refresh": () => ({ status: 200, body: sessionOf("t1") }) });
    const session = createSession((request) =>
      up ? server.send(request) : Promise.reject(new TypeError("Failed to fetch")),
    );
    await session.restore();
    expect(session.state().status).toBe("unreachable");
    up = true;
    await session.restore();
    expect(session.state().status).toBe("signed-in");
  });

  test("two callers at once ask once", async () => {
    const server = fakeServer({ "POST /auth/refresh": () => ({ status: 200, body: sessionOf("t1") }) });
    const session = createSession(server.send);
    await Promise.all([session.restore(), session.restore()]);
    expect(server.calls("POST /auth/refresh")).toHaveLength(1);
  });
});

describe("renewing", () => {
  test("many requests that find the token spent share one refresh and are each sent again", async () => {
    let issued = 0;
    const server = fakeServer({
      "POST /auth/refresh": () => ({ status: 200, body: sessionOf(`t${++issued}`) }),
      "GET /tasks": ({ authorization }) =>
        authorization === "Bearer t2" ? { status: 200, body: { data: [] } } : ended,
    });
    const session = createSession(server.send);
    await session.restore();
    const answers = await Promise.all([1, 2, 3, 4].map(() => session.fetch(get("/tasks"))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(server.calls("POST /auth/refresh")).toHaveLength(2);
  });

  test("a token about to run out is renewed before it is used", async () => {
    let clock = 0;
    let issued = 0;
    const server = fakeServer({
      "POST /auth/refresh": () => ({ status: 200, body: sessionOf(`t${++issued}`) }),
      "GET /tasks": () => ({ status: 200, body: { data: [] } }),
    });
    const session = createSession(server.send, () => clock);
    await session.restore();
    clock = 595_000;
    await session.fetch(get("/tasks"));
    expect(server.calls("GET /tasks").map(({ authorization }) => authorization)).toEqual(["Bearer t2"]);
  });

  test("a refused refresh ends the session: the page that was open is not left open", async () => {
    let alive = true;
    const server = fakeServer({
      "POST /auth/refresh": () => (alive ? { status: 200, body: sessionOf("t1") } : ended),
      "GET /tasks": () => ended,
    });
    const session = createSession(server.send);
    await session.restore();
    alive = false;
    expect((await session.fetch(get("/tasks"))).status).toBe(401);
    expect(session.state()).toEqual({ status: "signed-out", why: "ended" });
  });

  test("a refresh that fails on the server's side ends nothing", async () => {
    let status = 200;
    const server = fakeServer({
      "POST /auth/refresh": () => ({ status, body: status === 200 ? sessionOf("t1") : undefined }),
      "GET /tasks": () => ended,
    });
    const session = createSession(server.send);
    await session.restore();
    status = 503;
    await expect(session.fetch(get("/tasks"))).rejects.toMatchObject({ code: "unreachable" });
    expect(session.state().status).toBe("signed-in");
  });
});

describe("links and leaving", () => {
  test("a one-time link is redeemed once, however often the page asks", async () => {
    const server = fakeServer({
      "POST /auth/links/redeem": () => ({ status: 200, body: sessionOf("t1", false) }),
    });
    const session = createSession(server.send);
    await Promise.all([session.redeem("abc"), session.redeem("abc")]);
    await session.redeem("abc");
    expect(server.calls("POST /auth/links/redeem")).toHaveLength(1);
    expect(session.state()).toMatchObject({ status: "signed-in", me: { user: { has_password: false } } });
  });

  test("a link that no server has seen can be tried again", async () => {
    let up = false;
    const server = fakeServer({ "POST /auth/links/redeem": () => ({ status: 200, body: sessionOf("t1") }) });
    const session = createSession((request) => (up ? server.send(request) : Promise.reject(new TypeError())));
    await expect(session.redeem("abc")).rejects.toMatchObject({ code: "unreachable" });
    up = true;
    await session.redeem("abc");
    expect(session.state().status).toBe("signed-in");
  });

  test("signing out drops the token even where the server cannot be told", async () => {
    let up = true;
    const server = fakeServer({
      "POST /auth/refresh": () => ({ status: 200, body: sessionOf("t1") }),
      "GET /tasks": () => ended,
    });
    const session = createSession((request) => (up ? server.send(request) : Promise.reject(new TypeError())));
    await session.restore();
    up = false;
    await session.signOut();
    expect(session.state()).toEqual({ status: "signed-out", why: "left" });
    up = true;
    const before = server.asked.length;
    await session.fetch(get("/tasks")).catch(() => undefined);
    expect(server.asked[before]?.authorization).toBeNull();
  });
});
