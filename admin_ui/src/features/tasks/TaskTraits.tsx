// What a task is, in a line: kind, difficulty, minutes, languages.
import { Clock } from "lucide-react";
import type { TaskSummary } from "@/api/types";
import { minutes } from "@/format/format";
import { Badge } from "@/ui/Badge";
import { cx } from "@/ui/class-names";
import { DIFFICULTY, KIND, language } from "@/words";

export function TaskTraits({ task, className }: { task: TaskSummary; className?: string }) {
  return (
    <p className={cx("flex flex-wrap items-center gap-1.5 text-muted text-xs", className)}>
      <Badge>{KIND[task.kind] ?? task.kind}</Badge>
      <Badge>{DIFFICULTY[task.difficulty] ?? task.difficulty}</Badge>
      <span className="inline-flex items-center gap-1">
        <Clock aria-hidden className="size-3" /> {minutes(task.duration_minutes)}
      </span>
      <span>{task.languages.map(language).join(", ")}</span>
    </p>
  );
}
