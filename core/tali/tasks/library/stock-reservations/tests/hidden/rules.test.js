/** The rules of the brief, one by one. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import {
  InvalidLine,
  OutOfStock,
  ReservationConfirmed,
  ReservationExpired,
  ReservationReleased,
  Reservations,
  UnknownReservation,
  UnknownSku,
  Warehouse,
} from "shop-stock";

const HOUR = 60 * 60 * 1000;
const HOLD = 15 * 60 * 1000;
const line = (sku, quantity) => ({ sku, quantity });

let time;
let warehouse;
let shop;
beforeEach(() => {
  time = 1_000_000;
  warehouse = new Warehouse();
  warehouse.receive("lamp", 3);
  warehouse.receive("bulb", 10);
  shop = new Reservations(warehouse, { now: () => time });
});

function shortages(act) {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof OutOfStock, String(error));
    return error.shortages;
  }
  return assert.fail("something should have been short");
}

test("what is held is not available, and still on hand", () => {
  shop.reserve("ada", [line("lamp", 2), line("bulb", 1)]);
  shop.reserve("ben", [line("bulb", 4)]);
  assert.deepEqual([shop.available("lamp"), shop.available("bulb")], [1, 5]);
  assert.deepEqual([warehouse.onHand("lamp"), warehouse.onHand("bulb")], [3, 10]);
  assert.deepEqual(shortages(() => shop.reserve("cem", [line("lamp", 2)])), [
    { sku: "lamp", requested: 2, available: 1 },
  ]);
});

test("it is all or nothing, and every shortage is told in the cart's order", () => {
  warehouse.receive("cable", 1);
  const cart = [line("lamp", 9), line("bulb", 1), line("cable", 2)];
  assert.deepEqual(shortages(() => shop.reserve("ada", cart)), [
    { sku: "lamp", requested: 9, available: 3 },
    { sku: "cable", requested: 2, available: 1 },
  ]);
  assert.equal(shop.available("bulb"), 10);
});

test("the same article in two lines is one wish", () => {
  const twice = [line("lamp", 2), line("bulb", 1), line("lamp", 2)];
  assert.deepEqual(shortages(() => shop.reserve("ada", twice)), [{ sku: "lamp", requested: 4, available: 3 }]);
  const { id } = shop.reserve("ada", [line("lamp", 1), line("bulb", 1), line("lamp", 2)]);
  assert.equal(shop.available("lamp"), 0);
  assert.deepEqual(shop.confirm(id), [line("lamp", 3), line("bulb", 1)]);
});

test("lines that make no sense are refused, and hold nothing", () => {
  for (const quantity of [0, -1, 1.5, Number.NaN, "2", undefined]) {
    assert.throws(() => shop.reserve("ada", [line("bulb", 1), line("lamp", quantity)]), InvalidLine, String(quantity));
  }
  assert.throws(() => shop.reserve("ada", []), InvalidLine);
  assert.throws(() => shop.reserve("ada", [line("bulb", 1), line("sofa", 1)]), UnknownSku);
  assert.deepEqual([shop.available("lamp"), shop.available("bulb")], [3, 10]);
});

test("a hold ends at the moment it says, without anybody doing anything", () => {
  const { expiresAt } = shop.reserve("ada", [line("lamp", 3)]);
  assert.equal(expiresAt, time + HOLD);
  time = expiresAt - 1;
  assert.equal(shop.available("lamp"), 0);
  time = expiresAt;
  assert.equal(shop.available("lamp"), 3);
  shop.reserve("ben", [line("lamp", 3)]);
});

test("a payment that is reported twice takes the stock once", () => {
  const { id } = shop.reserve("ada", [line("lamp", 2)]);
  assert.deepEqual(shop.confirm(id), [line("lamp", 2)]);
  time += HOUR;
  assert.deepEqual(shop.confirm(id), [line("lamp", 2)]);
  assert.deepEqual([warehouse.onHand("lamp"), shop.available("lamp")], [1, 1]);
});

test("a late payment succeeds while everything is still there", () => {
  const { id } = shop.reserve("ada", [line("lamp", 2)]);
  assert.equal(shop.available("lamp"), 1);
  time += HOLD + HOUR;
  assert.deepEqual(shop.confirm(id), [line("lamp", 2)]);
  assert.deepEqual([warehouse.onHand("lamp"), shop.available("lamp")], [1, 1]);
});

test("a late payment fails when something is gone, and takes nothing", () => {
  const { id } = shop.reserve("ada", [line("bulb", 1), line("lamp", 2)]);
  time += HOLD;
  const other = shop.reserve("ben", [line("lamp", 2)]);
  assert.throws(() => shop.confirm(id), ReservationExpired);
  assert.deepEqual([warehouse.onHand("bulb"), warehouse.onHand("lamp")], [10, 3]);
  shop.confirm(other.id);
  assert.throws(() => shop.confirm(id), ReservationExpired);
});

test("releasing gives back at once, twice does no harm, and what is paid cannot be released", () => {
  const first = shop.reserve("ada", [line("lamp", 3)]);
  shop.release(first.id);
  shop.release(first.id);
  assert.equal(shop.available("lamp"), 3);
  assert.throws(() => shop.confirm(first.id), ReservationReleased);
  const second = shop.reserve("ben", [line("lamp", 1)]);
  shop.confirm(second.id);
  assert.throws(() => shop.release(second.id), ReservationConfirmed);
  assert.equal(shop.available("lamp"), 2);
  assert.throws(() => shop.release("nothing"), UnknownReservation);
});

test("a cart's new reservation replaces its old one, unless it fails", () => {
  const first = shop.reserve("ada", [line("lamp", 2)]);
  const second = shop.reserve("ada", [line("lamp", 3)]);
  assert.equal(shop.available("lamp"), 0);
  assert.throws(() => shop.confirm(first.id), ReservationReleased);
  assert.deepEqual(shortages(() => shop.reserve("ada", [line("lamp", 4)])), [
    { sku: "lamp", requested: 4, available: 3 },
  ]);
  assert.deepEqual(shop.confirm(second.id), [line("lamp", 3)]);
});

test("a customer who comes back after paying gets a reservation of its own", () => {
  const first = shop.reserve("ada", [line("lamp", 2)]);
  shop.confirm(first.id);
  const second = shop.reserve("ada", [line("lamp", 1)]);
  assert.equal(shop.available("lamp"), 0);
  assert.deepEqual(shop.confirm(first.id), [line("lamp", 2)]);
  assert.deepEqual(shop.confirm(second.id), [line("lamp", 1)]);
  assert.equal(warehouse.onHand("lamp"), 0);
});

test("what ended more than a day ago is forgotten, and not before", () => {
  const kept = shop.reserve("kept", [line("lamp", 1)]);
  for (let number = 0; number < 3000; number += 1) {
    const { id } = shop.reserve(`cart ${number}`, [line("bulb", 1)]);
    shop.release(id);
  }
  time += 20 * HOUR;
  assert.deepEqual(shop.confirm(kept.id), [line("lamp", 1)]);
  time += 23 * HOUR;
  assert.deepEqual(shop.confirm(kept.id), [line("lamp", 1)]);
  assert.ok(shop.size < 100, `${shop.size} are remembered`);
  time += 4 * HOUR;
  assert.throws(() => shop.confirm(kept.id), UnknownReservation);
});
