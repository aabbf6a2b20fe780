/** The tests we have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bookLabel, CarrierClient, track } from "carrier-client";

/** A client whose transport gives these answers one after the other. */
function clientOf(answers) {
  const sent = [];
  const transport = async (request) => {
    sent.push(request);
    return answers.shift();
  };
  return { sent, client: new CarrierClient({ transport, sleep: async () => {} }) };
}

test("a label is booked with its weight in kilograms", async () => {
  const { client, sent } = clientOf([{ status: 201, headers: {}, body: { label: "L-1" } }]);
  assert.equal(await bookLabel(client, { reference: "A-1", postcode: "10115", weight: 1200 }), "L-1");
  assert.equal(sent[0].body.weight, 1.2);
  assert.ok(sent[0].headers["Idempotency-Key"]);
});

test("a parcel is tracked", async () => {
  const { client, sent } = clientOf([{ status: 200, headers: {}, body: { state: "delivered" } }]);
  assert.equal(await track(client, "P/1"), "delivered");
  assert.equal(sent[0].path, "/parcels/P%2F1");
});

test("a busy carrier is asked again", async () => {
  const { client, sent } = clientOf([
    { status: 503, headers: {}, body: {} },
    { status: 200, headers: {}, body: { state: "in transit" } },
  ]);
  assert.equal(await track(client, "P-1"), "in transit");
  assert.equal(sent.length, 2);
});
