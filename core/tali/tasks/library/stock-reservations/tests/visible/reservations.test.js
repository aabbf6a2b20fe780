/** The tests we have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Reservations, UnknownSku, Warehouse } from "shop-stock";

function shop() {
  const warehouse = new Warehouse();
  warehouse.receive("lamp", 3);
  return { warehouse, reservations: new Reservations(warehouse, { now: () => 1_000, holdMs: 500 }) };
}

test("a reservation says until when it holds", () => {
  const { reservations } = shop();
  const { id, expiresAt } = reservations.reserve("ada", [{ sku: "lamp", quantity: 1 }]);
  assert.equal(typeof id, "string");
  assert.equal(expiresAt, 1_500);
});

test("what was reserved and paid leaves the warehouse", () => {
  const { warehouse, reservations } = shop();
  const { id } = reservations.reserve("ada", [{ sku: "lamp", quantity: 2 }]);
  assert.deepEqual(reservations.confirm(id), [{ sku: "lamp", quantity: 2 }]);
  assert.equal(warehouse.onHand("lamp"), 1);
});

test("an unknown article is told", () => {
  assert.throws(() => shop().reservations.available("sofa"), UnknownSku);
});
