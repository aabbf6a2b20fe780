// The server's words: the shapes of the candidate API as this app reads them.

export type AttemptState = "ready" | "in_progress" | "submitted";
export type WorkState = "queued" | "running" | "done" | "interrupted" | "failed" | "cancelled";

export interface Session {
  server_time: string;
  organization: { name: string };
  candidate: { full_name: string };
  assessment: { public_id: string; state: string; expires_at: string; proctored: boolean };
  task: {
    title: string;
    summary: string;
    duration_seconds: number;
    languages: string[];
    brief: string | null;
    kind: string;
  };
  /** The warm-up before the clock starts; null where there is none. */
  calibration: Calibration | null;
  attempt: {
    state: AttemptState;
    started_at: string | null;
    deadline: string | null;
    /** Since when the clock has stood still; null while it runs. */
    paused_at: string | null;
    submitted_at: string | null;
    submitted_by: "candidate" | "deadline" | null;
  };
  recorded: { what: string; why: string }[];
  consent_version: string;
  assistant: { name: string; is_ai: boolean; notice: string | null };
  sandbox: { available: boolean; reason: string | null };
  /** `entry` is the file that Run starts, whichever is on show; null where there is no such thing. */
  run: { entry: string | null; command_label: string; files_hint: string; tests: boolean };
  workspace: WorkspaceState | null;
  /** The newest; `earlier_turns` says whether there are others before them. */
  turns: Turn[];
  earlier_turns: boolean;
  executions: Execution[];
  limits: Limits;
}

export interface Calibration {
  prompt: string;
  state: "offered" | "open" | "closed";
  messages_left: number;
  turns: Turn[];
}

/** How the time stands. It can change while the page is open: extra time, pauses. */
export interface TimeLeft {
  server_time: string;
  state: AttemptState;
  deadline: string | null;
  paused_at: string | null;
  pause_ends_at: string | null;
}

/** The answer to handing in: the end alone. */
export interface Submitted {
  server_time: string;
  state: string;
  attempt: Session["attempt"];
}

export interface WorkspaceState {
  writer_epoch: number;
  last_seq: number;
  hash: string;
  files: SourceFile[];
}

export interface SourceFile {
  path: string;
  content: string;
  readonly: boolean;
}

export interface Limits {
  message_chars: number;
  file_bytes: number;
  files: number;
  batch_edits: number;
  stdin_bytes: number;
}

export interface Turn {
  id: string;
  index: number;
  message: string;
  response: string;
  state: WorkState;
  error: { code: string; message: string } | null;
  created_at: string;
  finished_at: string | null;
  chunk_count: number;
}

export interface TestResult {
  name: string;
  passed: boolean;
  message: string | null;
  duration_ms: number | null;
}

export interface Execution {
  id: string;
  kind: "run" | "test";
  path: string | null;
  state: WorkState;
  exit_code: number | null;
  duration_ms: number | null;
  timed_out: boolean;
  truncated: boolean;
  peak_memory_bytes: number | null;
  error: { code: string; message: string } | string | null;
  output: string;
  tests: TestResult[] | null;
  limit_note: string | null;
  created_at: string;
}

export type Chunk =
  | { n: number; type: "text"; text: string }
  | { n: number; type: "stdout" | "stderr"; text: string }
  | { n: number; type: "notice"; level: string; text: string }
  | { n: number; type: "edit_proposal"; path: string; find: string; replace: string };

export type Origin =
  | "typed"
  | "paste"
  | "assistant_insert"
  | "assistant_apply"
  | "undo"
  | "completion"
  | "format";

/** One step of the work. Offsets count UTF-16 units over text with LF line ends; `at` is this browser's clock. */
export type Edit =
  | { op: "edit"; file: string; from: number; to: number; insert: string; origin: Origin; at: string }
  | { op: "create"; file: string; origin: "typed"; at: string }
  | { op: "rename"; file: string; new_file: string; at: string }
  | { op: "delete"; file: string; at: string };

export interface Batch {
  writer_epoch: number;
  client_seq: number;
  base_hash: string;
  result_hash: string;
  sent_at: string;
  edits: Edit[];
}

export interface Saved {
  accepted_seq: number;
  hash: string;
  saved_at: string;
}

export type FocusPlace = "host_page" | "other_app" | "tab_hidden" | "unknown";

export type Fact =
  | { kind: "focus"; at: string; data: { state: "focused" | "blurred"; where: FocusPlace } }
  | { kind: "tab_switch"; at: string; data: Record<string, never> }
  | {
      kind: "paste";
      at: string;
      data: { where: "prompt" | "editor"; chars: number; from_assistant: boolean; path?: string };
    }
  | { kind: "copy"; at: string; data: { from: "assistant"; chars: number } };

export const isOver = (state: WorkState): boolean => state !== "queued" && state !== "running";
