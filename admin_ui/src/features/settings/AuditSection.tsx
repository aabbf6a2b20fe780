// The audit log: who did what, newest first.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { AuditEntry } from "@/api/types";
import { ago, at, titled } from "@/format/format";
import { Section } from "@/ui/layout";
import { LoadMore, Segments } from "@/ui/list-tools";
import { Empty, Loaded } from "@/ui/states";
import { auditLog } from "./people";

const ABOUT = [
  { value: "", label: "Everything" },
  { value: "session.", label: "Sign-ins" },
  { value: "password.", label: "Passwords" },
  { value: "user.", label: "People" },
  { value: "api_key.", label: "Keys" },
  { value: "assessment.", label: "Assessments" },
];

export function AuditSection() {
  const [about, setAbout] = useState("");
  const list = useInfiniteQuery({ ...auditLog(about), placeholderData: keepPreviousData });
  return (
    <Section
      title="Audit log"
      description="Who did what, and when. Lines are never changed; names are shown while the people are still here."
    >
      <div className="mb-4">
        <Segments label="About" value={about} options={ABOUT} onChange={setAbout} />
      </div>
      <Loaded query={list} errorTitle="The audit log could not be loaded">
        {({ pages }) => {
          const rows = pages.flatMap(({ data }) => data);
          if (rows.length === 0) return <Empty title="Nothing of the kind has happened" />;
          return (
            <>
              <ul className="rounded-lg border border-line bg-raised text-sm">
                {rows.map((entry) => (
                  <Line key={entry.id} entry={entry} />
                ))}
              </ul>
              <LoadMore query={list} shown={rows.length} what="line" />
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

function Line({ entry }: { entry: AuditEntry }) {
  const facts = Object.entries(entry.facts);
  return (
    <li className="flex flex-wrap items-baseline gap-x-4 gap-y-1 border-line border-b px-4 py-2.5 last:border-b-0">
      <p className="min-w-0 flex-1 basis-64">
        <span className="font-medium">{titled(entry.action.replaceAll(".", " ").replaceAll("_", " "))}</span>
        {facts.length > 0 && (
          <span className="text-muted">
            {" "}
            {facts.map(([name, value]) => `${name}: ${String(value)}`).join(", ")}
          </span>
        )}
      </p>
      <p className="text-muted">{entry.actor_name ?? titled(entry.actor.split(":")[0] ?? "")}</p>
      <time dateTime={entry.created_at} title={at(entry.created_at)} className="text-muted text-xs">
        {ago(entry.created_at)}
      </time>
    </li>
  );
}
