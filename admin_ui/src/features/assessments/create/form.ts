// What the create form holds, what it sends, and which field a complaint of the server belongs to.
import type { FieldErrors } from "@/api/problem";
import type { Candidate, NewAssessment } from "@/api/types";
import type { Person } from "@/ui/PersonFields";

export interface CreateForm extends Person {
  task_id: string;
  who: "new" | "existing";
  candidate: Candidate | null;
  duration_minutes: string;
  expires_in_days: string;
  /** Empty: the task's own weights. */
  preset: string;
  proctored: boolean;
  /** Whether TALI mails the invitation. */
  send_invitation: boolean;
}

export const emptyForm: CreateForm = {
  task_id: "",
  who: "new",
  candidate: null,
  full_name: "",
  email: "",
  duration_minutes: "",
  expires_in_days: "",
  preset: "",
  proctored: false,
  send_invitation: true,
};

export const LIMITS = { duration: [1, 480], expiry: [1, 365] } as const;

export function toRequest(form: CreateForm): NewAssessment {
  return {
    task_id: form.task_id,
    ...(form.who === "existing" && form.candidate
      ? { candidate_id: form.candidate.id }
      : { candidate: { full_name: form.full_name.trim(), email: form.email.trim() } }),
    ...(form.duration_minutes !== "" && { duration_minutes: Number(form.duration_minutes) }),
    ...(form.expires_in_days !== "" && { expires_in_days: Number(form.expires_in_days) }),
    ...(form.preset !== "" && { preset: form.preset }),
    proctored: form.proctored,
    send_invitation: form.send_invitation,
  };
}

const FIELD_OF: Record<string, keyof CreateForm> = {
  task_id: "task_id",
  candidate_id: "candidate",
  candidate: "full_name",
  full_name: "full_name",
  "candidate.full_name": "full_name",
  email: "email",
  "candidate.email": "email",
  duration_minutes: "duration_minutes",
  expires_in_days: "expires_in_days",
  preset: "preset",
  proctored: "proctored",
  send_invitation: "send_invitation",
};

/** The server's complaints at their fields; what has no field of its own here is left for the top of the form. */
export function placeErrors(errors: FieldErrors): { placed: [keyof CreateForm, string][]; rest: string[] } {
  const placed: [keyof CreateForm, string][] = [];
  const rest: string[] = [];
  for (const [name, sentences] of Object.entries(errors)) {
    const field = FIELD_OF[name.replace(/^json\./, "")];
    const message = sentences.join(" ");
    if (field) placed.push([field, message]);
    else rest.push(`${name}: ${message}`);
  }
  return { placed, rest };
}

export function wholeNumberBetween([low, high]: readonly [number, number]) {
  return (text: string) => {
    if (text === "") return true;
    const value = Number(text);
    if (Number.isInteger(value) && value >= low && value <= high) return true;
    return `Enter a whole number from ${low} to ${high}.`;
  };
}
