/** What the shop has, and for whom it is held. */
export * from "./errors.js";
export { Reservations } from "./reservations.js";
export { Warehouse } from "./warehouse.js";
