// What the API says of one assessment's result: score, signals, evidence, conversation, code, timeline.
import type { AssessmentCard, ScoringState } from "./types";

export interface Evidence {
  kind: "prompt" | "event" | "line" | "test";
  prompt_index?: number | null;
  turn_id?: string | null;
  event_seq?: number | null;
  path?: string | null;
  line?: number | null;
  quote?: string | null;
  note?: string | null;
  at?: string | null;
}

export interface Component {
  name: string;
  title: string;
  help: string;
  value: number | null;
  weight: number;
  contribution: number | null;
  reason: string | null;
  reason_text: string | null;
}

export interface Signal {
  name: string;
  title: string;
  unit: string | null;
  kind: "measured" | "judged";
  value: number | null;
  display: string | null;
  flag: { code: string; message: string } | null;
  direction: "higher" | "lower" | "neutral";
  /** Inclusive bounds, low then high. */
  range: number[] | null;
  help: string;
  component: string | null;
  reason: string | null;
  reason_text: string | null;
  evaluator: string;
  evidence: Evidence[];
  /** What lies behind the value: counts, a distribution, a list per prompt. */
  detail: Record<string, unknown>;
  /** The written rubric of a judged signal. */
  anchors: { value: number; text: string }[];
  /** A measured value that speaks against this judged one. */
  contradicted: { measured: string; measured_value: number; bound: number; message: string } | null;
}

export interface TestResult {
  name: string;
  passed: boolean;
  message: string | null;
  duration_ms: number | null;
}

export interface TestRun {
  state: "passed" | "failed" | "error";
  passed: number;
  total: number;
  duration_ms: number | null;
  results: TestResult[];
  reason_text?: string | null;
}

export interface Finding {
  path: string;
  line: number;
  rule: string;
  message: string;
}

export interface Result {
  score: number | null;
  coverage: number | null;
  coverage_note: string | null;
  scored_at: string;
  weights_hash: string;
  components: Component[];
  signals: Signal[];
  tests: TestRun;
  code_quality: { value: number | null; reason_text?: string | null; findings: Finding[] };
  lineage: {
    evaluators: { name: string; version: string }[];
    weight_version: string;
    inputs_hash: string;
  };
}

export interface AssessmentDetail extends AssessmentCard {
  result: Result | null;
  scoring: {
    state: ScoringState | null;
    reason_text: string | null;
    started_at: string | null;
    finished_at: string | null;
    evaluators: {
      name: string;
      state: string;
      reason: string | null;
      /** What of its answer did not hold, by kind. */
      dropped: Record<string, number>;
      left_out: string[];
    }[];
    /** The hidden tests of a run that is under way, as soon as they are done. */
    tests: TestRun | null;
  };
  decisions: { author: string; verdict: "advance" | "reject" | "hold"; reason: string; created_at: string }[];
  overrides: {
    author: string;
    value: number;
    reason: string;
    created_at: string;
    withdrawn_at: string | null;
  }[];
  integrity: {
    tab_switch_count: number | null;
    browser_focus_ratio: number | null;
    pastes: number;
    takeovers: number;
    submitted_by: string | null;
  };
  cost: {
    assistant: {
      replies: number;
      input_tokens: number | null;
      output_tokens: number | null;
      /** US dollars; null where nobody knows. */
      spent: string | null;
      replies_without_cost: number;
    };
    judge: RequestsCost & { session: RequestsCost; warm_up: RequestsCost };
  };
  calibration_score: number | null;
  /** Why a field is null: its name, and a sentence. */
  unmeasured: Record<string, string>;
}

/** Requests to judges. */
export interface RequestsCost {
  requests: number;
  input_tokens: number | null;
  output_tokens: number | null;
  /** US dollars. */
  spent: string | null;
  requests_without_cost: number;
}

/** The warm-up of one assessment. */
export interface CalibrationTaken {
  state: "off" | "not_taken" | "open" | "closed";
  prompt: string | null;
  score: number | null;
  reason_text: string | null;
  /** The judge's reason for the value. */
  judged_because: string | null;
  evidence: Evidence[];
  turns: {
    index: number;
    message: string;
    response: string;
    state: Prompt["state"];
    timestamp: string;
  }[];
}

/** Warm-ups over all candidates of the organisation, each of whom counts once. */
export interface CalibrationAverage {
  average: number | null;
  candidates: number;
  distribution: { low: number; high: number; candidates: number }[];
}

export interface FileDiff {
  path: string;
  diff: string;
}

export interface Prompt {
  index: number;
  turn_id: string;
  message: string;
  response: string | null;
  parts: unknown;
  state: "queued" | "running" | "done" | "interrupted" | "failed" | "cancelled";
  timestamp: string;
  input_tokens: number | null;
  output_tokens: number | null;
  response_latency_ms: number | null;
  /** As the browser measured it. */
  time_since_last_prompt_ms: number | null;
  /** As the server measured it. */
  server_gap_ms: number | null;
  word_count: number;
  char_count: number;
  paste_detected: boolean;
  browser_focused: boolean;
  /** Null until the next prompt, or the end, tells it. */
  code_diff: FileDiff[] | null;
  judged: { values: Record<string, number>; note: string } | null;
}

export interface CodeFile {
  path: string;
  starter: string | null;
  final: string | null;
  readonly: boolean;
  diff: string;
}

export interface AssessmentCode {
  files: CodeFile[];
  submitted_at: string | null;
}

export interface TimelineEvent {
  seq: number;
  kind: string;
  at: string;
  data: Record<string, unknown>;
}
