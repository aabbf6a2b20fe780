// The conversation: every prompt with its reply, the facts captured with it, and what it changed in the code.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Prompt } from "@/api/report";
import { setQuery, useLocation } from "@/router/router";
import { LoadMore } from "@/ui/list-tools";
import { Empty, Loaded } from "@/ui/states";
import { assessmentPrompts } from "../queries";
import type { TabProps } from "./AssessmentPage";
import { useJump } from "./jump";
import { PromptCard } from "./PromptCard";
import { PromptLengths } from "./PromptLengths";

export default function ConversationTab({ assessment }: TabProps) {
  const prompts = useInfiniteQuery(assessmentPrompts(assessment.id));
  const { query } = useLocation();
  const wantedIndex = query.get("prompt");
  const wantedTurn = query.get("turn");
  const isTarget = (prompt: Prompt) =>
    wantedIndex ? String(prompt.index) === wantedIndex : prompt.turn_id === wantedTurn;
  const target = wantedIndex ?? wantedTurn;
  const found = target !== null && (prompts.data ?? []).some(isTarget);
  const { element, searching } = useJump(target, found, prompts);

  return (
    <Loaded query={prompts} errorTitle="The conversation could not be loaded">
      {(shown) =>
        shown.length === 0 ? (
          <Empty title="No prompts">
            {assessment.state === "completed"
              ? "The candidate submitted without asking the assistant. Signals that need prompts have no value, and the score says what it covers."
              : "Nothing has been asked yet."}
          </Empty>
        ) : (
          <div className="grid gap-8 lg:grid-cols-[minmax(0,1fr)_14rem]">
            <div className="min-w-0 lg:order-first">
              {searching && (
                <p role="status" className="mb-4 text-muted text-sm">
                  Looking for the prompt…
                </p>
              )}
              <ol className="flex flex-col gap-4">
                {shown.map((prompt) => (
                  <PromptCard
                    key={prompt.turn_id}
                    prompt={prompt}
                    startedAt={assessment.started_at}
                    jumpRef={isTarget(prompt) ? element : undefined}
                  />
                ))}
              </ol>
              <LoadMore query={prompts} shown={shown.length} what="prompt" />
            </div>
            <aside aria-label="All prompts" className="order-first">
              <div className="lg:sticky lg:top-6">
                <PromptLengths
                  prompts={shown}
                  current={wantedIndex}
                  onChoose={(prompt) => setQuery({ prompt, turn: null })}
                />
              </div>
            </aside>
          </div>
        )
      }
    </Loaded>
  );
}
