/** Replays an outage against a simulated carrier, in simulated time. */
import { bookLabel, CarrierClient, track } from "./src/index.js";

let time = Date.parse("2026-03-10T10:02:00Z");
const booked = new Map();
let requests = 0;

async function carrier({ method, path, headers, body }) {
  requests += 1;
  time += 30;
  if (requests % 4 === 1) {
    return { status: 503, headers: { "retry-after": "2" }, body: { error: "maintenance" } };
  }
  if (method === "GET") {
    return { status: 200, headers: {}, body: { state: "in transit" } };
  }
  if (body.postcode === "00000") {
    return { status: 422, headers: {}, body: { error: "postcode does not exist" } };
  }
  const key = headers["Idempotency-Key"];
  booked.set(key, booked.get(key) ?? { label: `L-${booked.size + 1}`, weight: body.weight });
  if (requests % 4 === 2) {
    throw new Error("timed out");
  }
  return { status: 201, headers: {}, body: booked.get(key) };
}

const client = new CarrierClient({
  transport: carrier,
  now: () => time,
  sleep: async (ms) => {
    console.log(`  … waiting ${Math.round(ms)} ms`);
    time += ms;
  },
});

for (const [name, act] of [
  ["label for A-1", () => bookLabel(client, { reference: "A-1", postcode: "10115", weight: 1200 })],
  ["label for A-2", () => bookLabel(client, { reference: "A-2", postcode: "00000", weight: 300 })],
  ["parcel P-1", () => track(client, "P-1")],
]) {
  console.log(`${name}:`);
  try {
    console.log(`  ${await act()}`);
  } catch (error) {
    console.log(`  ${error.name}: ${error.message}`);
  }
}
console.log(`${requests} requests; the carrier booked ${booked.size} labels:`, [...booked.values()]);
