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
