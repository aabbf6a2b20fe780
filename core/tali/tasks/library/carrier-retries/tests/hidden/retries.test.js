/** Each of the reports from the outage, and the behaviour that the brief describes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CarrierClient, CarrierError } from "carrier-client";

const START = Date.parse("2026-03-10T10:00:00Z");
const OK = { status: 200, headers: {}, body: { state: "fine" } };
const busy = (headers = {}) => ({ status: 503, headers, body: {} });

/** A client in simulated time. `answer(request, number)` is the carrier; an Error is thrown. */
function simulate(answer, { random = () => 1, options } = {}) {
  const world = { sent: [], waits: [], time: START };
  world.client = new CarrierClient({
    transport: async (request) => {
      world.sent.push(request);
      const result = answer(request, world.sent.length);
      if (result instanceof Error) {
        throw result;
      }
      return result;
    },
    now: () => world.time,
    sleep: async (ms) => {
      world.waits.push(ms);
      world.time += ms;
    },
    random,
    options,
  });
  return world;
}

const failure = (promise) => promise.then(() => assert.fail("it should have given up"), (error) => error);

test("a booking keeps its key over all attempts, and another booking has another key", async () => {
  const { client, sent } = simulate((_, number) => (number % 3 === 0 ? OK : busy()));
  await client.request("POST", "/labels", {});
  await client.request("POST", "/labels", {});
  const keys = sent.map((request) => request.headers["Idempotency-Key"]);
  assert.equal(keys.length, 6);
  assert.deepEqual(keys.slice(0, 3), Array(3).fill(keys[0]));
  assert.deepEqual(keys.slice(3), Array(3).fill(keys[3]));
  assert.notEqual(keys[0], keys[3]);
});

test("what can only fail again is sent once", async () => {
  for (const status of [400, 404, 409, 422, 500]) {
    const { client, sent, waits } = simulate(() => ({ status, headers: {}, body: {} }));
    const error = await failure(client.request("POST", "/labels", {}));
    assert.ok(error instanceof CarrierError);
    assert.deepEqual([error.status, error.attempts, sent.length, waits.length], [status, 1, 1, 0]);
  }
});

test("busy answers are retried as often as the options say, and then told", async () => {
  for (const status of [429, 502, 503, 504]) {
    const { client, sent, waits } = simulate(() => ({ status, headers: {}, body: {} }), { options: { attempts: 3 } });
    const error = await failure(client.request("GET", "/parcels/P-1"));
    assert.ok(error instanceof CarrierError);
    assert.deepEqual([error.status, error.attempts, sent.length, waits.length], [status, 3, 3, 2]);
  }
});

test("without any answer the error carries the cause", async () => {
  const broken = new Error("socket hang up");
  const { client, sent } = simulate(() => broken);
  const error = await failure(client.request("GET", "/parcels/P-1"));
  assert.ok(error instanceof CarrierError);
  assert.deepEqual([error.status, error.attempts, sent.length], [undefined, 5, 5]);
  assert.equal(error.cause, broken);
});

test("waits double up to the longest", async () => {
  const options = { attempts: 8, baseDelayMs: 100, maxDelayMs: 1_000 };
  const { client, waits } = simulate((_, number) => (number === 8 ? OK : busy()), { options });
  await client.request("GET", "/parcels/P-1");
  assert.deepEqual(waits, [100, 200, 400, 800, 1_000, 1_000, 1_000]);
});

test("chance is asked anew for every wait", async () => {
  const chances = [0.5, 0.25, 0];
  const { client, waits } = simulate((_, number) => (number === 4 ? OK : busy()), { random: () => chances.shift() });
  await client.request("GET", "/parcels/P-1");
  assert.deepEqual(waits, [100, 100, 0]);
});

test("retry-after in seconds is a lower bound, and unreadable values do not count", async () => {
  const headers = [{ "Retry-After": "20" }, { "retry-after": "0" }, { "RETRY-AFTER": "soon" }];
  const { client, waits } = simulate((_, number) => (number === 4 ? OK : busy(headers[number - 1])));
  await client.request("GET", "/parcels/P-1");
  assert.deepEqual(waits, [20_000, 400, 800]);
});

test("retry-after may be a date", async () => {
  const dates = ["Tue, 10 Mar 2026 10:00:30 GMT", "Tue, 10 Mar 2026 09:00:00 GMT"];
  const { client, waits } = simulate((_, number) => (number === 3 ? OK : busy({ "retry-after": dates[number - 1] })));
  await client.request("GET", "/parcels/P-1");
  assert.deepEqual(waits, [30_000, 400]);
});

test("it gives up at once when the next wait would end after the deadline", async () => {
  const options = { deadlineMs: 1_000 };
  const slow = simulate(() => busy(), { options });
  const error = await failure(slow.client.request("GET", "/parcels/P-1"));
  assert.deepEqual([error.status, error.attempts], [503, 3]);
  assert.deepEqual(slow.waits, [200, 400]);
  const told = simulate(() => busy({ "retry-after": "2" }), { options });
  assert.equal((await failure(told.client.request("GET", "/parcels/P-1"))).attempts, 1);
  const exact = simulate((_, number) => (number === 2 ? OK : busy({ "retry-after": "1" })), { options });
  assert.deepEqual(await exact.client.request("GET", "/parcels/P-1"), OK.body);
});

test("calls at the same time do not use up each other's attempts", async () => {
  const seen = new Map();
  const answer = ({ path }) => {
    seen.set(path, (seen.get(path) ?? 0) + 1);
    return seen.get(path) === 3 ? OK : busy();
  };
  const { client } = simulate(answer, { options: { attempts: 3 } });
  const paths = ["/a", "/b", "/c", "/d"];
  const bodies = await Promise.all(paths.map((path) => client.request("GET", path)));
  assert.deepEqual(bodies, paths.map(() => OK.body));
  assert.deepEqual([...seen.values()], [3, 3, 3, 3]);
});

test("every attempt sends the same weight, and the caller's parcel is left alone", async () => {
  const { client, sent } = simulate((_, number) => (number === 3 ? OK : busy()));
  const parcel = Object.freeze({ reference: "A-1", weight: 1200 });
  await client.request("POST", "/labels", parcel);
  assert.deepEqual(sent.map((request) => request.body.weight), [1.2, 1.2, 1.2]);
  assert.equal(parcel.weight, 1200);
});
