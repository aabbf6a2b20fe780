// Strengths and concerns follow a rule that the page can state.
import { expect, test } from "vitest";
import type { Result, Signal } from "@/api/report";
import { highlights } from "./highlights";

const signal = (over: Partial<Signal>): Signal => ({
  name: "prompt_clarity",
  title: "Prompt clarity",
  unit: "",
  kind: "judged",
  value: 5,
  display: null,
  flag: null,
  direction: "higher",
  range: [0, 10],
  help: "",
  component: null,
  reason: null,
  reason_text: null,
  evaluator: "x",
  evidence: [{ kind: "prompt", prompt_index: 1 }],
  detail: {},
  anchors: [],
  contradicted: null,
  ...over,
});

const result = (signals: Signal[], components: Result["components"] = []) =>
  ({ signals, components }) as unknown as Result;

const names = (list: { name: string }[]) => list.map(({ name }) => name);

test("high values are strengths, low values and flags are concerns, the middle is neither", () => {
  const { strengths, concerns } = highlights(
    result([
      signal({ name: "good", value: 9 }),
      signal({ name: "middle", value: 5 }),
      signal({ name: "bad", value: 2 }),
      signal({
        name: "flagged",
        kind: "measured",
        value: 3,
        range: null,
        flag: { code: "x", message: "Look." },
      }),
    ]),
  );
  expect(names(strengths)).toEqual(["good"]);
  expect(names(concerns)).toEqual(["flagged", "bad"]);
});

test("a high value that the facts speak against is a concern and no strength", () => {
  const contradicted = {
    measured: "assistant_share",
    measured_value: 1,
    bound: 4,
    message: "All of it came.",
  };
  const { strengths, concerns } = highlights(result([signal({ value: 9, contradicted })]));
  expect(strengths).toEqual([]);
  expect(concerns.map(({ flag }) => flag)).toEqual(["All of it came."]);
});

test("where lower is better, the scale is turned round", () => {
  expect(names(highlights(result([signal({ value: 1, direction: "lower" })])).strengths)).toEqual([
    "prompt_clarity",
  ]);
});

test("without evidence nothing is praised or blamed, and measured facts are neither", () => {
  const { strengths, concerns } = highlights(
    result([signal({ value: 10, evidence: [] }), signal({ kind: "measured", value: 0 })]),
  );
  expect([...strengths, ...concerns]).toEqual([]);
});
