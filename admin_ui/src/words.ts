// The words for values that the API sends as slugs, and the sentences that more than one page says.
import { titled } from "./format/format";
import type { Tone } from "./ui/Badge";

interface Word {
  label: string;
  tone: Tone;
}

export const STATUS: Record<string, Word> = {
  invited: { label: "Invited", tone: "info" },
  in_progress: { label: "In progress", tone: "accent" },
  completed: { label: "Completed", tone: "success" },
  expired: { label: "Expired", tone: "neutral" },
  cancelled: { label: "Cancelled", tone: "neutral" },
};

export const SCORING: Record<string, Word> = {
  pending: { label: "Waiting to be scored", tone: "info" },
  running: { label: "Being scored", tone: "accent" },
  scored: { label: "Scored", tone: "success" },
  partial: { label: "Partly scored", tone: "warning" },
  failed: { label: "Scoring failed", tone: "danger" },
};

export const wordFor = (words: Record<string, Word>, slug: string): Word =>
  words[slug] ?? { label: titled(slug), tone: "neutral" };

export const KIND: Record<string, string> = {
  debugging: "Debugging",
  feature: "Feature",
  refactoring: "Refactoring",
  data: "Data",
  api_design: "API design",
};

export const DIFFICULTY: Record<string, string> = { easy: "Easy", medium: "Medium", hard: "Hard" };

const LANGUAGE: Record<string, string> = {
  python: "Python",
  javascript: "JavaScript",
  typescript: "TypeScript",
  sql: "SQL",
  go: "Go",
  rust: "Rust",
  java: "Java",
  cpp: "C++",
};

export const language = (slug: string) => LANGUAGE[slug] ?? titled(slug);

export const ROLE: Record<string, string> = { owner: "Owner", recruiter: "Recruiter", viewer: "Viewer" };

export const DIRECTION: Record<string, string> = {
  higher: "Higher is better",
  lower: "Lower is better",
  neutral: "A fact, neither good nor bad",
};

export const words = {
  noAssessments: "No assessments yet. Create your first assessment to get started.",
  forged: "The browser reports these facts, and a determined person can forge or hide them.",
  viewerCannot: "Your role lets you read, not change. Ask an owner for more.",
} as const;
