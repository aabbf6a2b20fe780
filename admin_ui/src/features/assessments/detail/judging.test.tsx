// What a report says of the judging: what was dropped, what it cost, what is still under way, and no empty warm-up.
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { createQueryClient } from "@/api/queries";
import type { AssessmentDetail, RequestsCost, Signal } from "@/api/report";
import { fakeServer, sessionOf } from "@/testing/server";
import { JudgeNotes } from "./JudgeNotes";
import { ScoringNote } from "./ScoringNote";
import { SignalRow } from "./SignalRow";
import { WarmUp } from "./WarmUp";

const cost = (requests: number): RequestsCost => ({
  requests,
  input_tokens: 1200 * requests,
  output_tokens: 300 * requests,
  spent: requests ? "0.0081" : null,
  requests_without_cost: 0,
});

const signal = {
  name: "independence",
  title: "Independence",
  kind: "judged",
  help: "Tries first.",
  direction: "higher",
  range: [0, 10],
  evidence: [],
  anchors: [],
  detail: { why: "Nothing was tried." },
} as unknown as Signal;

test("kinds of what did not hold that read the same are one, and requests are told by what they were about", () => {
  const dropped = { no_evidence: 1, value_without_evidence: 2, not_answered: 1 };
  render(
    <JudgeNotes
      evaluators={[{ name: "claude", state: "done", reason: null, dropped, left_out: [] }]}
      cost={{ ...cost(3), session: cost(2), warm_up: cost(1) }}
    />,
  );
  screen.getByText(/3 × values that nothing bears out; 1 × signals that the answer leaves out\./);
  screen.getByText(/^The session: 2 requests to a model/);
  screen.getByText(/^The warm-up: 1 request to a model/);
});

test("a reason beside a dropped value is labelled as said without evidence", () => {
  const { rerender } = render(
    <SignalRow signal={{ ...signal, value: 8, reason: null }} assessmentId="a" target={false} />,
  );
  screen.getByText("The judge’s reason:");
  rerender(
    <SignalRow signal={{ ...signal, value: null, reason: "no_evidence" }} assessmentId="a" target={false} />,
  );
  screen.getByText("Said without evidence:");
  expect(screen.queryByText("The judge’s reason:")).toBeNull();
});

test("tests that are done are told while somebody still reads", () => {
  const assessment = {
    scoring_state: "running",
    result: null,
    scoring: {
      started_at: null,
      evaluators: [{ name: "claude", state: "pending" }],
      tests: { state: "failed", passed: 9, total: 11, duration_ms: 1, results: [], reason_text: null },
    },
  } as unknown as AssessmentDetail;
  render(<ScoringNote assessment={assessment} />);
  screen.getByText("Tests are done: 9 of 11 passed. Still reading the session: Claude.");
});

test.each([0, 1])("a warm-up of %i messages can be read where there is one", async (turns) => {
  const server = fakeServer({
    "POST /auth/refresh": () => ({ status: 200, body: sessionOf("t1") }),
    "GET /calibration": () => ({
      status: 200,
      body: { average: 5, candidates: 1, distribution: [] },
    }),
    "GET /assessments/a/calibration": () => ({
      status: 200,
      body: { state: "closed", prompt: "Try it.", turns: Array(turns).fill({ index: 1 }), evidence: [] },
    }),
  });
  vi.spyOn(globalThis, "fetch").mockImplementation((input) => server.send(input as Request));
  const assessment = { id: "a", calibration: true, calibration_score: null, unmeasured: {} };
  const client = createQueryClient();
  render(
    <QueryClientProvider client={client}>
      <WarmUp assessment={assessment as unknown as AssessmentDetail} />
    </QueryClientProvider>,
  );
  await screen.findByText("over 1 candidate");
  await expect.poll(() => client.isFetching()).toBe(0);
  expect(screen.queryAllByText("Read the warm-up")).toHaveLength(turns);
});
