// Under which heading a signal is read. Signals that a plugin brought, and nobody placed, come last.
import type { Signal } from "@/api/report";

const GROUPS: [title: string, names: string[]][] = [
  [
    "Asking",
    [
      "prompt_clarity",
      "prompt_specificity",
      "prompt_efficiency",
      "prompt_progression",
      "written_communication",
      "requirement_comprehension",
      "learning_velocity",
    ],
  ],
  [
    "Thinking",
    ["design_thinking", "debugging_strategy", "independence", "error_recovery", "context_utilization"],
  ],
  [
    "Using what the assistant wrote",
    [
      "verification_rate",
      "assistant_share",
      "edit_survival",
      "self_correction_rate",
      "code_delta",
      "token_efficiency",
    ],
  ],
  ["Pace", ["time_to_first_prompt", "prompt_speed", "prompt_frequency", "prompt_length_stats"]],
  [
    "Integrity",
    ["prompt_fraud", "planted_instructions", "copy_paste", "browser_focus_ratio", "tab_switch_count"],
  ],
];

export function grouped(signals: Signal[]): { title: string; signals: Signal[] }[] {
  const placed = new Set(GROUPS.flatMap(([, names]) => names));
  const groups = GROUPS.map(([title, names]) => ({
    title,
    signals: names.flatMap((name) => signals.filter((signal) => signal.name === name)),
  }));
  groups.push({ title: "More signals", signals: signals.filter(({ name }) => !placed.has(name)) });
  return groups.filter((group) => group.signals.length > 0);
}
