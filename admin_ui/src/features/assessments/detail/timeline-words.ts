// What a timeline event says, in a sentence. Kinds that are not known yet are shown by their name, never hidden.
import type { TimelineEvent } from "@/api/types";
import { plural, titled } from "@/format/format";

export type EventGroup = "progress" | "prompts" | "code" | "runs" | "integrity";

export const GROUP_TITLE: Record<EventGroup, string> = {
  progress: "Start and end",
  prompts: "Prompts",
  code: "Edits",
  runs: "Runs",
  integrity: "Integrity facts",
};

type Data = Record<string, unknown>;

const string = (data: Data, name: string) => (typeof data[name] === "string" ? (data[name] as string) : null);
const number = (data: Data, name: string) => (typeof data[name] === "number" ? (data[name] as number) : null);

const ORIGIN: Record<string, string> = {
  typed: "typed",
  paste: "pasted",
  assistant_insert: "inserted from the assistant",
  assistant_apply: "applied from the assistant",
  undo: "undone",
  completion: "completed",
  format: "formatted",
};

const WHERE: Record<string, string> = {
  host_page: "to the page around it",
  other_app: "to another window",
  tab_hidden: "to another tab",
};

function chars(data: Data) {
  const amount = number(data, "chars");
  return amount === null ? "text" : plural(amount, "character");
}

function edited(data: Data): string {
  const file = string(data, "file") ?? string(data, "path");
  const files = Array.isArray(data.files) ? data.files.filter((name) => typeof name === "string") : [];
  const where = file ?? (files.length > 0 ? files.join(", ") : "the code");
  const origins = Array.isArray(data.origins) ? data.origins : [data.origin];
  const how = origins.flatMap((origin) => ORIGIN[String(origin)] ?? []).join(", ");
  return `Edited ${where}${how ? ` (${how})` : ""}`;
}

function ran(data: Data): string {
  const what = data.kind === "test" ? "Ran the tests" : `Ran ${string(data, "path") ?? "the code"}`;
  const [passed, total] = [number(data, "passed"), number(data, "total")];
  if (passed !== null && total !== null) return `${what}: ${passed} of ${total} passed`;
  const exit = number(data, "exit_code");
  return exit === null ? what : `${what}: exit code ${exit}`;
}

function pasted(data: Data): string {
  const where = data.where === "prompt" ? "a prompt" : (string(data, "path") ?? "the editor");
  const from = data.from_assistant === true ? ", copied from the assistant" : "";
  return `Pasted ${chars(data)} into ${where}${from}`;
}

function focused(data: Data): string {
  if (data.state === "focused") return "Came back to the page";
  return `Left the page ${WHERE[String(data.where)] ?? ""}`.trim();
}

const KINDS: Record<string, [EventGroup, (data: Data) => string]> = {
  start: ["progress", () => "Started"],
  started: ["progress", () => "Started"],
  submit: ["progress", submitted],
  submitted: ["progress", submitted],
  takeover: ["progress", () => "Went on in another window"],
  prompt: ["prompts", prompted],
  turn: ["prompts", prompted],
  reply: ["prompts", () => "The assistant replied"],
  edit: ["code", edited],
  edits: ["code", edited],
  edit_batch: ["code", edited],
  snapshot: ["code", () => "The whole workspace was sent again, since browser and server differed"],
  create: ["code", (data) => `Created ${string(data, "file") ?? "a file"}`],
  rename: [
    "code",
    (data) => `Renamed ${string(data, "file") ?? "a file"} to ${string(data, "new_file") ?? "another name"}`,
  ],
  delete: ["code", (data) => `Deleted ${string(data, "file") ?? "a file"}`],
  execution: ["runs", ran],
  run: ["runs", ran],
  test: ["runs", (data) => ran({ kind: "test", ...data })],
  focus: ["integrity", focused],
  tab_switch: ["integrity", () => "Switched to another tab or window"],
  paste: ["integrity", pasted],
  copy: [
    "integrity",
    (data) => `Copied ${chars(data)}${data.from === "assistant" ? " from the assistant" : ""}`,
  ],
};

function submitted(data: Data) {
  return data.submitted_by === "deadline" || data.by === "deadline"
    ? "The time ended, and the work was submitted as it was"
    : "Submitted";
}

function prompted(data: Data) {
  const index = number(data, "index") ?? number(data, "prompt_index");
  return index === null ? "Asked the assistant" : `Asked the assistant: prompt ${index}`;
}

export function eventWords({ kind, data }: Pick<TimelineEvent, "kind" | "data">): string {
  const say = KINDS[kind]?.[1];
  return say ? say(data ?? {}) : titled(kind);
}

export const eventGroup = (kind: string): EventGroup => KINDS[kind]?.[0] ?? "progress";

/** The prompt that an event is about, so that the sentence can lead to it. */
export const promptOf = ({ kind, data }: TimelineEvent): number | null =>
  eventGroup(kind) === "prompts" ? (number(data, "index") ?? number(data, "prompt_index")) : null;
