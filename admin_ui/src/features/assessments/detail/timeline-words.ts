// What a timeline event says, in a sentence. Kinds that are not known yet are shown by their name, never hidden.
import type { TimelineEvent } from "@/api/report";
import { count, duration, plural, titled } from "@/format/format";

export type EventGroup = "progress" | "prompts" | "code" | "runs" | "notes" | "integrity";

export const GROUP_TITLE: Record<EventGroup, string> = {
  progress: "Start and end",
  prompts: "Prompts",
  code: "Edits",
  runs: "Runs",
  notes: "Notes",
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
  const files = Array.isArray(data.files) ? data.files.filter((name) => typeof name === "string") : [];
  const origins = Array.isArray(data.origins) ? data.origins : [];
  const how = origins.flatMap((origin) => ORIGIN[String(origin)] ?? []).join(", ");
  const [inserted, removed] = [number(data, "inserted") ?? 0, number(data, "removed") ?? 0];
  const size = [inserted > 0 && `+${count(inserted)}`, removed > 0 && `−${count(removed)}`]
    .filter(Boolean)
    .join(" ");
  const aside = [how, size && `${size} characters`, data.late === true && "after the deadline"].filter(
    Boolean,
  );
  return `Edited ${files.join(", ") || "the code"}${aside.length > 0 ? ` (${aside.join("; ")})` : ""}`;
}

const ran = (data: Data) => (data.kind === "test" ? "Ran the tests" : "Ran the code");

function pasted(data: Data): string {
  const where = data.where === "prompt" ? "a prompt" : (string(data, "path") ?? "the editor");
  const from = data.from_assistant === true ? ", copied from the assistant" : "";
  return `Pasted ${chars(data)} into ${where}${from}`;
}

function focused(data: Data): string {
  if (data.state === "focused") return "Had the page in front";
  return `Left the page ${WHERE[String(data.where)] ?? ""}`.trim();
}

const KINDS: Record<string, [EventGroup, (data: Data) => string]> = {
  start: ["progress", () => "Started"],
  submit: ["progress", submitted],
  pause: ["progress", () => "The clock was stopped"],
  resume: ["progress", resumed],
  extra_time: ["progress", moreTime],
  note: ["notes", noted],
  takeover: ["progress", () => "Went on in another window"],
  prompt: ["prompts", prompted],
  edits: ["code", edited],
  snapshot: ["code", () => "The browser sent all files again, and went on from there"],
  workspace_diverged: ["code", () => "An edit did not fit what the server had; all files were asked for"],
  execution: ["runs", ran],
  focus: ["integrity", focused],
  tab_switch: ["integrity", () => "Switched to another tab"],
  paste: ["integrity", pasted],
  copy: ["integrity", (data) => `Copied ${chars(data)}${COPIED_FROM[String(data.from)] ?? ""}`],
};

const COPIED_FROM: Record<string, string> = {
  assistant: " from the assistant",
  brief: " from the brief",
  output: " from the output",
};

function submitted(data: Data) {
  return data.by === "deadline" ? "The time ended, and the work was submitted as it was" : "Submitted";
}

function resumed(data: Data) {
  const seconds = number(data, "seconds") ?? 0;
  return `The clock ran on after ${duration(seconds * 1000)}${data.by_itself === true ? ", by itself" : ""}`;
}

function moreTime(data: Data) {
  const [percent, minutes] = [number(data, "percent") ?? 0, number(data, "minutes") ?? 0];
  const given = [percent > 0 && `${percent}%`, minutes > 0 && plural(minutes, "minute")].filter(Boolean);
  return given.length > 0 ? `Extra time: ${given.join(" and ")}` : "No extra time any more";
}

function noted(data: Data) {
  return `${string(data, "author") ?? "Somebody"}: ${string(data, "text") ?? ""}`;
}

function prompted(data: Data) {
  const index = number(data, "index");
  return index === null ? "Asked the assistant" : `Asked the assistant: prompt ${index}`;
}

export function eventWords({ kind, data }: Pick<TimelineEvent, "kind" | "data">): string {
  const say = KINDS[kind]?.[1];
  return say ? say(data ?? {}) : titled(kind);
}

export const eventGroup = (kind: string): EventGroup => KINDS[kind]?.[0] ?? "progress";

/** The prompt that an event is about, so that the sentence can lead to it. */
export const promptOf = ({ kind, data }: TimelineEvent): number | null =>
  eventGroup(kind) === "prompts" ? number(data, "index") : null;
