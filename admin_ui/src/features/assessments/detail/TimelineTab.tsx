// What happened, in order: every event in words, at its time in the session.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Bot, CodeXml, Flag, Play, ShieldQuestion, StickyNote } from "lucide-react";
import type { TimelineEvent } from "@/api/report";
import { at, offset } from "@/format/format";
import { href, setQuery, useLocation } from "@/router/router";
import { cx } from "@/ui/class-names";
import { LoadMore, Segments } from "@/ui/list-tools";
import { Empty, Loaded } from "@/ui/states";
import { words } from "@/words";
import { assessmentTimeline } from "../queries";
import type { TabProps } from "./AssessmentPage";
import { useJump } from "./jump";
import { type EventGroup, eventGroup, eventWords, GROUP_TITLE, promptOf } from "./timeline-words";

const ICON = {
  progress: Flag,
  prompts: Bot,
  code: CodeXml,
  runs: Play,
  notes: StickyNote,
  integrity: ShieldQuestion,
};

const OPTIONS = [
  { value: "", label: "Everything" },
  ...Object.entries(GROUP_TITLE).map(([value, label]) => ({ value, label })),
];

export default function TimelineTab({ assessment }: TabProps) {
  const timeline = useInfiniteQuery(assessmentTimeline(assessment.id));
  const { query } = useLocation();
  const show = query.get("show") ?? "";
  const wanted = query.get("event");
  const found = wanted !== null && (timeline.data ?? []).some(({ seq }) => String(seq) === wanted);
  const { element, searching } = useJump(wanted, found, timeline);
  const start = assessment.started_at;

  return (
    <>
      <div className="mb-4">
        <Segments
          label="Which events"
          value={show}
          options={OPTIONS}
          onChange={(value) => setQuery({ show: value, event: null })}
        />
        {show === "integrity" && (
          <p className="mt-2 text-muted text-sm">Facts, never verdicts. {words.forged}</p>
        )}
        {searching && (
          <p role="status" className="mt-2 text-muted text-sm">
            Looking for the event…
          </p>
        )}
      </div>
      <Loaded query={timeline} errorTitle="The timeline could not be loaded">
        {(events) => {
          const shown = events.filter(({ kind }) => show === "" || eventGroup(kind) === show);
          if (shown.length === 0 && !timeline.hasNextPage) {
            return (
              <Empty
                title={events.length === 0 ? "Nothing has happened yet" : "No such events in this session"}
              />
            );
          }
          return (
            <>
              <ol className="rounded-lg border border-line bg-raised py-1">
                {shown.map((event) => (
                  <EventRow
                    key={`${event.kind} ${event.seq} ${event.at}`}
                    event={event}
                    start={start}
                    assessmentId={assessment.id}
                    jumpRef={event.kind !== "note" && String(event.seq) === wanted ? element : undefined}
                  />
                ))}
              </ol>
              <LoadMore query={timeline} shown={shown.length} what="event" />
            </>
          );
        }}
      </Loaded>
    </>
  );
}

const TONE: Record<EventGroup, string> = {
  progress: "text-ink",
  prompts: "text-accent-ink",
  code: "text-muted",
  runs: "text-info",
  notes: "text-ink",
  integrity: "text-warning",
};

function EventRow({
  event,
  start,
  assessmentId,
  jumpRef,
}: {
  event: TimelineEvent;
  start: string | null;
  assessmentId: string;
  jumpRef: React.RefObject<HTMLElement | null> | undefined;
}) {
  const group = eventGroup(event.kind);
  const Icon = ICON[group];
  const prompt = promptOf(event);
  return (
    <li
      ref={(node) => {
        if (jumpRef) jumpRef.current = node;
      }}
      tabIndex={jumpRef ? -1 : undefined}
      data-jump-target={jumpRef ? "" : undefined}
      className={cx("flex items-baseline gap-3 px-4 py-1.5 text-sm", jumpRef && "jumped-to rounded-sm")}
    >
      <time
        dateTime={event.at}
        title={at(event.at)}
        className="w-14 shrink-0 text-right text-muted text-xs tabular-nums"
      >
        {offset(start ?? event.at, event.at)}
      </time>
      <Icon aria-hidden className={cx("size-3.5 shrink-0 translate-y-0.5", TONE[group])} />
      <span className="min-w-0 break-words">
        {prompt === null ? (
          eventWords(event)
        ) : (
          <a
            href={href(`/assessments/${assessmentId}/conversation`, { prompt })}
            className="rounded-sm text-accent-ink hover:underline"
          >
            {eventWords(event)}
          </a>
        )}
      </span>
    </li>
  );
}
