// Loaded into each test process before any other code: tells the rig what begins, what ends and how, over descriptor 3.
import assert from "node:assert";
import { readFileSync, writeSync } from "node:fs";
import test, { afterEach, beforeEach } from "node:test";
import { pathToFileURL } from "node:url";

const CHANNEL = 3;
const MESSAGE_LENGTH = 2000;

// Kept here, where no other module can reach them: what follows may have patched the originals.
const write = writeSync;
const stringify = JSON.stringify;
const setup = JSON.parse(readFileSync(0, "utf8"));
const told = new Set(setup.told);
const workspace = `${pathToFileURL(process.cwd()).href}/`;

// Whoever rewires the assertions is refused, instead of passing every test.
for (const part of [assert.strict, assert, assert.AssertionError, test]) {
  Object.freeze(part);
}

// The random token tells our lines from those that the code under test may write.
const tell = (fact) => write(CHANNEL, `${setup.token}${stringify(fact)}\n`);

let running = 0;
let awake;
beforeEach((context) => {
  if (told.has(context.fullName)) {
    throw new Error("told already");
  }
  tell({ began: context.fullName });
  running += 1;
  // A promise that nobody settles must reach the time limit: an idle process would end, and take the other tests along.
  awake ??= setInterval(() => {}, 1000);
});
afterEach((context) => {
  if (told.has(context.fullName)) {
    return;
  }
  tell({ ended: context.fullName });
  running -= 1;
  if (running === 0) {
    clearInterval(awake);
    awake = undefined;
  }
});

/** The error's own words and the candidate's frames; those of Node.js help nobody. */
function explain(error) {
  const cause = error?.cause ?? error;
  if (typeof cause !== "object" || cause === null) {
    return String(cause);
  }
  const frames = String(cause.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at .*file:/.test(line) && !line.includes("tali_guard.mjs"))
    .slice(0, 5);
  return [`${cause.name ?? "Error"}: ${cause.message ?? ""}`, ...frames].join("\n").replaceAll(workspace, "");
}

/** A reporter of node:test: results as they are decided; a suite is no result of its own. */
export default async function* report(events) {
  const path = [];
  for await (const { type, data } of events) {
    if (type === "test:start") {
      path.length = data.nesting;
      path.push(data.name);
    } else if ((type === "test:pass" || type === "test:fail") && data.details?.type !== "suite") {
      const name = [...path.slice(0, data.nesting), data.name].join(" > ");
      const skipped = data.skip !== undefined || data.todo !== undefined;
      const message = type === "test:fail" ? explain(data.details?.error).slice(0, MESSAGE_LENGTH) : "";
      if (!told.has(name)) {
        tell({ name, passed: type === "test:pass", skipped, message, ms: data.details?.duration_ms ?? 0 });
      }
    }
  }
}
