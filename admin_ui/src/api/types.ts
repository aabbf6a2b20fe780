// What the API says, as types: the one place that knows the shapes of requests and answers.

export type Role = "owner" | "recruiter" | "viewer";

export interface User {
  id: string;
  email: string;
  full_name: string;
  has_password: boolean;
}

export interface Me {
  user: User;
  organization: { id: string; name: string; slug: string };
  role: Role;
  /** Everywhere that this person may go, this organisation too. */
  organizations: { id: string; name: string; role: Role }[];
}

/** An invitation to join, as its link shows it. */
export interface JoinView {
  organization_name: string;
  email: string;
  full_name: string;
  role: Role;
  invited_by: string | null;
  expires_at: string;
  /** Whether there is an account with a password, which is then asked for. */
  has_password: boolean;
}

export interface Member {
  id: string;
  email: string;
  full_name: string;
  role: Role;
  active: boolean;
  created_at: string;
  last_used_at: string | null;
}

export interface UserInvitation {
  id: string;
  email: string;
  full_name: string;
  role: Role;
  state: "open" | "expired";
  created_at: string;
  expires_at: string;
}

/** What became of a mail; `kept` is the development mailbox. */
export interface Notification {
  id: string;
  template: string;
  subject_id: string;
  state: "queued" | "sent" | "failed" | "kept";
  error: string | null;
  created_at: string;
}

export interface AuditEntry {
  id: string;
  created_at: string;
  actor: string;
  actor_name: string | null;
  action: string;
  subject_id: string;
  facts: Record<string, unknown>;
}

export interface Session {
  access_token: string;
  expires_in: number;
  me: Me;
}

export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}

export interface Organization {
  id: string;
  name: string;
  slug: string;
  allowed_origins: string[];
}

/** What models cost this month, and the caps. Amounts are US dollars as text, so that no sum is rounded. */
export interface Spending {
  month: string;
  spent: string;
  assessment_spend_cap: string | null;
  monthly_spend_cap: string | null;
  /** Whether the organisation set them; the deployment's hold otherwise. */
  own_caps: boolean;
}

export interface ProviderSetting {
  name: string;
  title: string;
  help: string;
  kind: "text" | "secret" | "integer" | "number" | "boolean" | "choice";
  required: boolean;
  choices: string[];
  minimum: number | null;
  maximum: number | null;
  /** False: only the deployment sets it. */
  editable: boolean;
  source: "organization" | "deployment" | "default" | "unset";
  /** Null for secrets, and for what the deployment set. */
  value: string | number | boolean | null;
}

export interface Provider {
  kind: string;
  name: string;
  title: string;
  notice: string | null;
  version: string | null;
  plugin: string | null;
  installed: boolean;
  /** What it still needs; empty when it is ready. */
  missing: string[];
  /** An organisation uses one provider of this kind, not several. */
  one_of_a_kind: boolean;
  used: boolean;
  settings: ProviderSetting[];
  check: { state: "running" | "ok" | "failed"; message: string | null; at: string } | null;
}

export interface PluginState {
  name: string;
  distribution: string;
  version: string;
  status: "healthy" | "degraded";
  reason: string | null;
}

export interface PluginList {
  plugins: PluginState[];
  providers: Provider[];
}

export type Scope = "read" | "assessments:write" | "tasks:write" | "embed";

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  scopes: Scope[];
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface CreatedApiKey extends ApiKey {
  /** The whole key. The server keeps a digest only, so this is the one time it can be read. */
  key: string;
}

export interface Candidate {
  id: string;
  full_name: string;
  email: string;
  external_ids: ExternalId[];
  created_at: string;
}

/** What another system calls them. */
export interface ExternalId {
  system: string;
  id: string;
}

export interface NewCandidate {
  full_name: string;
  email: string;
  external_ids?: ExternalId[];
}

export type TaskKind = "debugging" | "feature" | "refactoring" | "data" | "api_design";
export type Difficulty = "easy" | "medium" | "hard";

export interface TaskSummary {
  id: string;
  slug: string;
  title: string;
  summary: string;
  languages: string[];
  kind: TaskKind;
  difficulty: Difficulty;
  duration_minutes: number;
  state: "draft" | "published" | "archived";
  version: { id: string; number: number; published_at: string | null } | null;
}

export interface TaskFile {
  path: string;
  content: string;
  readonly?: boolean;
}

export type Weights = Record<string, number>;

export interface Task extends TaskSummary {
  brief: string;
  files: TaskFile[];
  visible_tests: TaskFile[];
  weights: Weights;
  preset: string | null;
  help_level: string | null;
  hidden_test_count: number;
}

export interface WeightPreset {
  name: string;
  title: string;
  description: string;
  weights: Weights;
}

export interface WeightPresets {
  presets: WeightPreset[];
  components: { name: string; title: string; help: string }[];
}

export type AssessmentState = "invited" | "in_progress" | "completed" | "expired" | "cancelled";
export type ScoringState = "pending" | "running" | "scored" | "partial" | "failed";

export interface CandidateShown {
  id: string | null;
  full_name: string | null;
  email: string | null;
  alias: string | null;
}

export interface AssessmentSummary {
  id: string;
  state: AssessmentState;
  /** Whether the candidate is hidden until a decision is recorded; then there is an alias and nothing else. */
  blind: boolean;
  candidate: CandidateShown;
  task: { id: string; title: string };
  created_at: string;
  started_at: string | null;
  submitted_at: string | null;
  expires_at: string;
  scoring_state: ScoringState | null;
  /** 0 to 100, over the components that have a value, unless a person has overridden it. */
  score: number | null;
  measured_score: number | null;
  overridden: boolean;
  /** Share of the weight (0 to 1) that the score stands on. */
  coverage: number | null;
  flag_count: number;
  decision: "advance" | "reject" | "hold" | null;
}

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

/** An assessment with its settings and its ways in, as creating one answers it. */
export interface AssessmentCard extends AssessmentSummary {
  invitation_url: string | null;
  embed: { public_id: string; snippet: string };
  duration_minutes: number;
  /** With what was given on top, without pauses. */
  working_seconds: number;
  extra_percent: number;
  extra_minutes: number;
  deadline: string | null;
  paused_at: string | null;
  preset: string | null;
  proctored: boolean;
  calibration: boolean;
  created_by: { full_name: string } | null;
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

export interface NewAssessment {
  task_id: string;
  candidate_id?: string;
  candidate?: NewCandidate;
  duration_minutes?: number;
  expires_in_days?: number;
  preset?: string;
  proctored?: boolean;
  send_invitation?: boolean;
  /** Invite somebody once more who has an open invitation to the task. */
  again?: boolean;
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
