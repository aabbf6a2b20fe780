// The time left is the server's.
import { expect, test } from "vitest";
import { Clock } from "../src/core/clock";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

test("counts down by the server's clock, not by this machine's", () => {
  let now = 5_000;
  const clock = new Clock(() => now);
  clock.sync(at(0), 0);
  clock.run(at(60));
  clock.stop();
  expect(clock.secondsLeft.value).toBe(60);
  now += 12_500;
  clock.tick();
  expect(clock.secondsLeft.value).toBe(48);
  now += 900_000;
  clock.tick();
  expect(clock.secondsLeft.value).toBe(0);
});

test("a worse answer does not spoil a better one, but a laptop that slept is put right", () => {
  let now = 0;
  const clock = new Clock(() => now);
  clock.sync(at(0), 20);
  clock.run(at(600));
  clock.stop();
  clock.sync(at(1), 900);
  expect(clock.secondsLeft.value).toBe(600);
  now = 1_000;
  clock.sync(at(300), 2_000);
  clock.tick();
  expect(clock.secondsLeft.value).toBe(299);
});
