// The conversation at a glance: a bar per prompt, as long as the prompt has words. Each leads to its prompt.
import type { Prompt } from "@/api/report";
import { offset, plural } from "@/format/format";
import { cx } from "@/ui/class-names";

export function PromptLengths({
  prompts,
  current,
  onChoose,
}: {
  prompts: Prompt[];
  current: string | null;
  onChoose(index: number): void;
}) {
  const longest = Math.max(1, ...prompts.map(({ word_count }) => word_count ?? 0));
  const first = prompts[0]?.timestamp;
  return (
    <div>
      <p className="mb-2 text-muted text-xs">Words per prompt</p>
      <ol className="flex max-h-40 flex-col overflow-y-auto lg:max-h-[calc(100dvh-6rem)]">
        {prompts.map((prompt) => (
          <li key={prompt.turn_id}>
            <button
              type="button"
              aria-current={String(prompt.index) === current || undefined}
              onClick={() => onChoose(prompt.index)}
              title={`${offset(first, prompt.timestamp)} after the first`}
              className="group grid w-full grid-cols-[1.75rem_1fr_2.5rem] items-center gap-2 min-h-6 rounded-sm px-1 pointer-coarse:min-h-11 text-xs hover:bg-hover aria-[current]:bg-accent-soft"
            >
              <span className="text-right text-muted tabular-nums">
                <span className="sr-only">Prompt </span>
                {prompt.index}
              </span>
              <span aria-hidden className="h-2">
                <span
                  className={cx(
                    "block h-full min-w-0.5 rounded-xs",
                    prompt.paste_detected ? "bg-warning" : "bg-accent",
                  )}
                  style={{ width: `${(100 * (prompt.word_count ?? 0)) / longest}%` }}
                />
              </span>
              <span className="text-left text-muted tabular-nums">
                {prompt.word_count ?? "--"}
                <span className="sr-only"> words{prompt.paste_detected ? ", with pasted text" : ""}</span>
              </span>
            </button>
          </li>
        ))}
      </ol>
      {prompts.some(({ paste_detected }) => paste_detected) && (
        <p className="mt-2 flex items-center gap-1.5 text-muted text-xs">
          <span aria-hidden className="h-2 w-4 rounded-xs bg-warning" />
          {plural(prompts.filter(({ paste_detected }) => paste_detected).length, "prompt")} with pasted text
        </p>
      )}
    </div>
  );
}
