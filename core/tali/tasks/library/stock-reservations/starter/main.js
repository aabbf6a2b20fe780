/** A short afternoon in the shop, in simulated time. */
import { Reservations, Warehouse } from "./src/index.js";

let time = Date.parse("2026-03-10T15:00:00Z");
const warehouse = new Warehouse();
const reservations = new Reservations(warehouse, { now: () => time });
const minutes = (count) => count * 60 * 1000;

function attempt(what, act) {
  const clock = new Date(time).toISOString().slice(11, 16);
  try {
    console.log(`${clock} ${what}:`, act() ?? "done");
  } catch (error) {
    console.log(`${clock} ${what}: ${error.name}, ${error.message}`);
  }
}

warehouse.receive("lamp", 1);
warehouse.receive("bulb", 10);

let ada = { id: "none" };
let ben = { id: "none" };
attempt("Ada presses pay now", () => {
  ada = reservations.reserve("ada", [{ sku: "lamp", quantity: 1 }, { sku: "bulb", quantity: 2 }]);
});
attempt("Ben presses pay now", () => {
  ben = reservations.reserve("ben", [{ sku: "lamp", quantity: 1 }]);
});
attempt("lamps available", () => reservations.available("lamp"));
time += minutes(16);
attempt("lamps available", () => reservations.available("lamp"));
attempt("Ada's payment arrives, late", () => reservations.confirm(ada.id));
attempt("Ada's payment arrives once more", () => reservations.confirm(ada.id));
attempt("Ben's payment arrives", () => reservations.confirm(ben.id));
attempt("lamps on hand", () => warehouse.onHand("lamp"));
attempt("bulbs on hand", () => warehouse.onHand("bulb"));
