// Runs test files with node:test, each in a process of its own, and writes the report here, where no tested code runs.
// A test that hangs, or ends its process, costs itself: the others are run again without it.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";

const SECONDS_PER_TEST = 5;
const TEST_FILE = /\.test\.[cm]?js$/;
const TAIL_LENGTH = 4000;
const [PASSED, FAILED, FORGED] = [0, 1, 3];

const [folder, reportPath] = process.argv.slice(2);
const guard = new URL("tali_guard.mjs", import.meta.url).href;
const options = ["--import", guard, "--test-reporter", guard, "--test-reporter-destination", "stdout"];

/** Run one file in one process, without the tests that `results` tells of; answers with how that went. */
function attempt(file, results) {
  return new Promise((resolve) => {
    const token = randomBytes(16).toString("hex");
    const child = spawn(process.execPath, [...process.execArgv, ...options, file], {
      stdio: ["pipe", "inherit", "pipe", "pipe"],
    });
    const running = [];
    let [since, tail, stuck, forged] = [Date.now(), "", false, false];
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify({ token, told: [...results.keys()] }));
    child.stderr.setEncoding("utf8").on("data", (text) => {
      process.stderr.write(text);
      tail = (tail + text).slice(-TAIL_LENGTH);
    });
    createInterface({ input: child.stdio[3] }).on("line", (line) => {
      if (!line.startsWith(token)) {
        forged = true;
        return;
      }
      since = Date.now();
      const fact = JSON.parse(line.slice(token.length));
      if (fact.began !== undefined) {
        running.push(fact.began);
      } else if (fact.ended !== undefined) {
        running.splice(running.lastIndexOf(fact.ended), 1);
      } else {
        results.set(fact.name, fact);
        say(fact);
      }
    });
    const watch = setInterval(() => {
      stuck = Date.now() - since > SECONDS_PER_TEST * 1000;
      if (stuck) {
        child.kill("SIGKILL");
      }
    }, 100);
    child.on("close", (code, signal) => {
      clearInterval(watch);
      const ending = stuck ? `stopped after ${SECONDS_PER_TEST} s` : (signal ?? `exit code ${code}`);
      resolve({ running, tail, stuck, forged, ending, failed: code !== 0 && !stuck });
    });
  });
}

/** Run one file until every test has been told of. */
async function runFile(file) {
  const results = new Map();
  for (;;) {
    const { running, tail, stuck, forged, ending, failed } = await attempt(file, results);
    // A test may have told its result in the same breath in which it took the process along.
    const culprit = running.findLast((name) => !results.has(name));
    if (culprit !== undefined) {
      const message = stuck ? ending : `the process ended during this test (${ending})`;
      const fact = { name: culprit, passed: false, skipped: false, message, ms: 0 };
      results.set(culprit, fact);
      say(fact);
    }
    if (culprit === undefined || forged) {
      const told = [...results.values()];
      const unexplained = told.length === 0 || (failed && told.every((fact) => fact.passed));
      return { told, forged, unloaded: unexplained ? essence(tail) || `It told of no test (${ending}).` : null };
    }
  }
}

function say({ name, passed, skipped, message }) {
  const mark = skipped ? "skipped" : passed ? "ok     " : "FAILED ";
  process.stdout.write(`${mark} ${name}\n${message && `${message.replace(/^/gm, "        ")}\n`}`);
}

/** What an error on stderr says, without the frames of Node.js. */
function essence(tail) {
  return tail
    .split("\n")
    .filter((line) => line.trim() && !/^\s+at .*\(?node:|^node:internal|^Node\.js v/.test(line))
    .join("\n")
    .slice(-500);
}

// XML has no way to write most control characters.
const escaped = (text) =>
  String(text)
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "?")
    .replace(/[&<>"\n]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function testcase(module, { name, passed, skipped, message, ms }) {
  const head = `<testcase classname="${escaped(module)}" name="${escaped(name)}" time="${(ms / 1000).toFixed(4)}"`;
  if (skipped) {
    return `${head}><skipped message="not run"/></testcase>`;
  }
  return passed ? `${head}/>` : `${head}><failure>${escaped(message || "failed without a word")}</failure></testcase>`;
}

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && TEST_FILE.test(entry.name))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .sort();
const cases = [];
const counts = { passed: 0, failed: 0 };
let forgery = false;
for (const file of files) {
  const module = relative(folder, file).replace(TEST_FILE, "");
  const { told, unloaded, forged } = await runFile(file);
  forgery ||= forged;
  for (const fact of told) {
    counts[fact.passed && !fact.skipped ? "passed" : "failed"] += 1;
    cases.push(testcase(module, fact));
  }
  if (unloaded !== null) {
    counts.failed += 1;
    cases.push(`<testcase classname="" name="${escaped(module)}"><error>${escaped(unloaded)}</error></testcase>`);
  }
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
writeFileSync(reportPath, `<testsuites><testsuite>${cases.join("\n")}</testsuite></testsuites>`);
process.exitCode = forgery ? FORGED : counts.failed > 0 ? FAILED : PASSED;
