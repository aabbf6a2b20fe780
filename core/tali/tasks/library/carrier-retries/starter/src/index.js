/** Talks to the parcel carrier. */
export { DEFAULTS } from "./backoff.js";
export { CarrierClient } from "./client.js";
export { CarrierError } from "./errors.js";
export { bookLabel, track } from "./parcels.js";
