// The command palette: any place, action, assessment or candidate in a few keys.
import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { CirclePlus, FileCheck2, Keyboard, LogOut, SunMoon, User } from "lucide-react";
import { type ReactNode, useDeferredValue, useState } from "react";
import { session } from "@/api/session";
import { useMay } from "@/api/use-session";
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
  const mayCreate = useMay("recruiter");

  const go = (to: string) => () => {
    onClose();
    navigate(to);
  };

  return (
    <Command.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label="Command palette"
      loop
      overlayClassName="fixed inset-0 z-40 bg-black/50"
      contentClassName="fixed top-[12dvh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 animate-pop overflow-hidden rounded-lg bg-raised text-ink shadow-pop"
    >
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder="Search assessments and candidates, or go somewhere…"
        className="h-12 w-full border-line border-b bg-transparent px-4 text-base outline-none placeholder:text-muted"
      />
      <Command.List className="max-h-[56dvh] overflow-y-auto p-2">
        <Command.Empty className="px-2 py-8 text-center text-muted text-sm">
          {assessments.isFetching || candidates.isFetching ? "Searching…" : "Nothing found."}
        </Command.Empty>
        <Command.Group heading="Go to" className={groupClass}>
          {PLACES.map((place) => (
            <Item key={place.path} icon={<place.icon />} onSelect={go(href(place.path))}>
              {place.label}
            </Item>
          ))}
        </Command.Group>
        <Command.Group heading="Do" className={groupClass}>
          {mayCreate && (
            <Item icon={<CirclePlus />} onSelect={go(href("/assessments/new"))}>
              Create an assessment
            </Item>
          )}
          {THEMES.map((name) => (
            <Item
              key={name}
              icon={<SunMoon />}
              onSelect={() => {
                theme.set(name);
                onClose();
              }}
            >
              Theme: {name}
            </Item>
          ))}
          <Item
            icon={<Keyboard />}
            onSelect={() => {
              onClose();
              onHelp();
            }}
          >
            Keyboard shortcuts
          </Item>
          <Item icon={<LogOut />} onSelect={() => session.signOut()}>
            Sign out
          </Item>
        </Command.Group>
        {searching && (assessments.data?.data.length ?? 0) > 0 && (
          <Command.Group heading="Assessments" className={groupClass} forceMount>
            {assessments.data?.data.map((found) => (
              <Item
                key={found.id}
                value={`${wanted} ${found.id}`}
                icon={<FileCheck2 />}
                onSelect={go(href(`/assessments/${found.id}`))}
                aside={wordFor(STATUS, found.status).label}
              >
                {found.candidate.full_name} · {found.task.title}
              </Item>
            ))}
          </Command.Group>
        )}
        {searching && (candidates.data?.data.length ?? 0) > 0 && (
          <Command.Group heading="Candidates" className={groupClass} forceMount>
            {candidates.data?.data.map((found) => (
              <Item
                key={found.id}
                value={`${wanted} ${found.id}`}
                icon={<User />}
                onSelect={go(href("/candidates", { q: found.email }))}
                aside={found.email}
              >
                {found.full_name}
              </Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
    </Command.Dialog>
  );
}

function Item({
  icon,
  aside,
  value,
  onSelect,
  children,
}: {
  icon: ReactNode;
  aside?: string;
  value?: string;
  onSelect(): void;
  children: ReactNode;
}) {
  return (
    <Command.Item
      {...(value !== undefined && { value })}
      onSelect={onSelect}
      className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 py-1.5 text-sm data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted"
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {aside && <span className="max-w-40 truncate text-muted text-xs">{aside}</span>}
    </Command.Item>
  );
}
