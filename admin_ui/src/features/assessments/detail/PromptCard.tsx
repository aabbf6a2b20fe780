// One prompt: what was asked, what came back, what was captured with it, and how the code changed until the next.
import { Bot, ClipboardPaste, EyeOff, User } from "lucide-react";
import type { ReactNode } from "react";
import type { Prompt } from "@/api/report";
import { at, clock, count, duration, offset, plural, score, titled, UNKNOWN } from "@/format/format";
import { Badge } from "@/ui/Badge";
import { DiffSize, DiffView } from "@/ui/DiffView";
import { Disclosure, Facts } from "@/ui/layout";
import { Markdown } from "@/ui/Markdown";

const UNFINISHED: Record<string, string> = {
  queued: "Waiting for the reply",
  running: "Reply on its way",
  interrupted: "The reply broke off; this is what had come",
  failed: "The assistant failed to reply",
  cancelled: "The candidate stopped the reply",
};

export function PromptCard({
  prompt,
  startedAt,
  jumpRef,
}: {
  prompt: Prompt;
  startedAt: string | null;
  jumpRef: React.RefObject<HTMLElement | null> | undefined;
}) {
  const unfinished = UNFINISHED[prompt.state];
  const changes = (prompt.code_diff ?? []).filter(({ diff }) => diff !== "");
  return (
    <li
      ref={(node) => {
        if (jumpRef) jumpRef.current = node;
      }}
      tabIndex={jumpRef ? -1 : undefined}
      data-jump-target={jumpRef ? "" : undefined}
      aria-label={`Prompt ${prompt.index}`}
      className={`rounded-lg border border-line bg-raised [content-visibility:auto] [contain-intrinsic-size:auto_24rem] ${jumpRef ? "jumped-to" : ""}`}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-4 py-2 text-muted text-xs">
        <h2 className="font-semibold text-ink text-sm">Prompt {prompt.index}</h2>
        <span title={at(prompt.timestamp)} className="tabular-nums">
          {startedAt ? `${offset(startedAt, prompt.timestamp)} after the start` : clock(prompt.timestamp)}
        </span>
        {prompt.time_since_last_prompt_ms !== null && (
          <span>{duration(prompt.time_since_last_prompt_ms)} after the last</span>
        )}
        {prompt.paste_detected && (
          <Badge tone="warning">
            <ClipboardPaste aria-hidden /> Pasted text
          </Badge>
        )}
        {prompt.browser_focused === false && (
          <Badge tone="warning">
            <EyeOff aria-hidden /> Page not in front
          </Badge>
        )}
      </div>
      <Said by="Candidate" icon={<User aria-hidden />}>
        <Markdown text={prompt.message} />
      </Said>
      <Said by="Assistant" icon={<Bot aria-hidden />} sunken>
        {unfinished && (
          <p className="mb-2">
            <Badge tone={prompt.state === "failed" ? "danger" : "neutral"}>{unfinished}</Badge>
          </p>
        )}
        {prompt.response ? (
          <Markdown text={prompt.response} />
        ) : (
          !unfinished && <p className="text-muted">{UNKNOWN}</p>
        )}
      </Said>
      {prompt.judged && (
        <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-line border-t px-4 py-2 text-sm">
          <span className="text-muted text-xs">Judged</span>
          {Object.entries(prompt.judged.values).map(([name, value]) => (
            <Badge key={name}>
              {titled(name.replace(/^prompt_/, ""))} {score(value)}
            </Badge>
          ))}
          {prompt.judged.note && <span className="min-w-0 flex-1 basis-64">{prompt.judged.note}</span>}
        </div>
      )}
      <div className="flex flex-col gap-1 border-line border-t px-4 py-2">
        <Disclosure summary="Captured with it">
          <CapturedFacts prompt={prompt} />
        </Disclosure>
        {changes.length > 0 ? (
          changes.map(({ path, diff }) => (
            <Disclosure
              key={path}
              summary={
                <>
                  Code until the next prompt: <span className="break-all font-mono text-xs">{path}</span>{" "}
                  <DiffSize diff={diff} />
                </>
              }
            >
              <div className="overflow-hidden rounded-md border border-line">
                <DiffView path={path} diff={diff} />
              </div>
            </Disclosure>
          ))
        ) : (
          <p className="py-1 pl-5.5 text-muted text-sm">
            {prompt.code_diff === null
              ? "Code until the next prompt: not known yet"
              : "No code changed until the next prompt"}
          </p>
        )}
      </div>
    </li>
  );
}

function Said({
  by,
  icon,
  sunken = false,
  children,
}: {
  by: string;
  icon: ReactNode;
  sunken?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={`flex gap-3 p-4 ${sunken ? "bg-sunken" : ""}`}>
      <span className="mt-0.5 text-muted [&_svg]:size-4">{icon}</span>
      <div className="min-w-0 flex-1 text-sm">
        <h3 className="sr-only">{by}</h3>
        {children}
      </div>
    </div>
  );
}

/** The browser's figure and the server's, where they tell different stories. */
function Gap({ prompt: { time_since_last_prompt_ms: browser, server_gap_ms: server } }: { prompt: Prompt }) {
  if (browser === null || server === null || Math.abs(browser - server) < GAP_WORTH_TELLING_MS) {
    return duration(browser ?? server);
  }
  return `${duration(browser)} by the browser’s clock, ${duration(server)} by ours`;
}

const GAP_WORTH_TELLING_MS = 5_000;

const yesNo = (value: boolean | null) => (value === null ? UNKNOWN : value ? "Yes" : "No");

/** The thirteen captured facts: message and reply stand above, the code before and after is the change below. */
function CapturedFacts({ prompt }: { prompt: Prompt }) {
  return (
    <Facts
      className="sm:grid-cols-[auto_1fr_auto_1fr]"
      facts={[
        ["Sent", at(prompt.timestamp)],
        ["Since the last prompt", <Gap key="gap" prompt={prompt} />],
        ["Reply took", duration(prompt.response_latency_ms)],
        [
          "Length",
          prompt.word_count === null
            ? UNKNOWN
            : `${plural(prompt.word_count, "word")}, ${count(prompt.char_count)} characters`,
        ],
        ["Tokens in", count(prompt.input_tokens)],
        ["Tokens out", count(prompt.output_tokens)],
        ["Pasted text", yesNo(prompt.paste_detected)],
        ["Page in front", yesNo(prompt.browser_focused)],
      ]}
    />
  );
}
