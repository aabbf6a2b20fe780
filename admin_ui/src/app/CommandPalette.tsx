// The command palette: any place, action, assessment or candidate in a few keys.

import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { CirclePlus, FileCheck2, Keyboard, LogOut, SunMoon, User } from "lucide-react";
import { type ReactNode, useDeferredValue, useState } from "react";
import { session } from "@/api/session";
import { useMay } from "@/api/use-session";
import { nameOf } from "@/features/assessments/parts";
import { assessmentSearch } from "@/features/assessments/queries";
import { candidateSearch } from "@/features/candidates/queries";
import { href, navigate } from "@/router/router";
import { THEMES, theme } from "@/ui/theme";
import { STATUS, wordFor } from "@/words";
import { PLACES } from "./navigation";

const groupClass =
  "[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-muted [&_[cmdk-group-heading]]:text-xs";

export default function CommandPalette({ onClose, onHelp }: { onClose(): void; onHelp(): void }) {
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const searching = wanted.length >= 2;
  const assessments = useQuery({ ...assessmentSearch(wanted), enabled: searching });
  const candidates = useQuery({ ...candidateSearch(wanted), enabled: searching });
  const actions = useActions(onClose, onHelp);

  // The server searches people; here only the fixed entries are left to be matched, so the library's filter is off.
  const matches = ({ label }: { label: string }) => label.toLowerCase().includes(wanted.toLowerCase());
  const groups = [
    { heading: "Go to", entries: actions.places.filter(matches) },
    { heading: "Do", entries: actions.deeds.filter(matches) },
    {
      heading: "Assessments",
      entries: (searching ? (assessments.data?.data ?? []) : []).map((found) => ({
        id: found.id,
        icon: <FileCheck2 />,
        label: `${nameOf(found.candidate)} · ${found.task.title}`,
        aside: wordFor(STATUS, found.state).label,
        run: actions.go(href(`/assessments/${found.id}`)),
      })),
    },
    {
      heading: "Candidates",
      entries: (searching ? (candidates.data?.data ?? []) : []).map((found) => ({
        id: found.id,
        icon: <User />,
        label: found.full_name,
        aside: found.email,
        run: actions.go(href("/candidates", { q: found.email })),
      })),
    },
  ].filter(({ entries }) => entries.length > 0);
  const fetching = assessments.isFetching || candidates.isFetching;

  return (
    <Command.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label="Command palette"
      loop
      shouldFilter={false}
      overlayClassName="fixed inset-0 z-40 bg-scrim"
      contentClassName="fixed top-[12dvh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 animate-pop overflow-hidden rounded-lg bg-raised text-ink shadow-pop"
    >
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder="Search assessments and candidates, or go somewhere…"
        className="h-12 w-full border-line border-b bg-transparent px-4 text-base outline-none placeholder:text-muted"
      />
      <Command.List className="max-h-[56dvh] overflow-y-auto p-2">
        {groups.length === 0 && (
          <p className="px-2 py-8 text-center text-muted text-sm">
            {fetching ? "Searching…" : "Nothing found."}
          </p>
        )}
        {groups.map(({ heading, entries }) => (
          <Command.Group key={heading} heading={heading} className={groupClass}>
            {entries.map((entry) => (
              <Item key={entry.id} entry={entry} />
            ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command.Dialog>
  );
}

interface Entry {
  id: string;
  icon: ReactNode;
  label: string;
  aside?: string;
  run(): void;
}

function useActions(onClose: () => void, onHelp: () => void) {
  const mayCreate = useMay("recruiter");
  const closing = (act: () => void) => () => {
    onClose();
    act();
  };
  const go = (to: string) => closing(() => navigate(to));
  const places = PLACES.map(
    ({ path, label, icon: Icon }): Entry => ({ id: path, label, icon: <Icon />, run: go(href(path)) }),
  );
  const deeds: Entry[] = [
    ...THEMES.map(
      (name): Entry => ({
        id: `theme-${name}`,
        label: `Theme: ${name}`,
        icon: <SunMoon />,
        run: closing(() => theme.set(name)),
      }),
    ),
    { id: "keys", label: "Keyboard shortcuts", icon: <Keyboard />, run: closing(onHelp) },
    { id: "sign-out", label: "Sign out", icon: <LogOut />, run: () => session.signOut() },
  ];
  if (mayCreate) {
    deeds.unshift({
      id: "create",
      label: "Create an assessment",
      icon: <CirclePlus />,
      run: go(href("/assessments/new")),
    });
  }
  return { go, places, deeds };
}

function Item({ entry }: { entry: Entry }) {
  return (
    <Command.Item
      value={entry.id}
      onSelect={entry.run}
      className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 py-1.5 text-sm data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted"
    >
      {entry.icon}
      <span className="min-w-0 flex-1 truncate">{entry.label}</span>
      {entry.aside && <span className="max-w-40 truncate text-muted text-xs">{entry.aside}</span>}
    </Command.Item>
  );
}
