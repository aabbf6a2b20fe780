// Toasts: short notes that something worked, or did not. Announced to screen readers, gone by themselves.
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useSyncExternalStore } from "react";
import { asProblem } from "@/api/problem";

interface Note {
  id: number;
  tone: "success" | "error";
  title: string;
  detail: string | undefined;
}

let notes: Note[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function publish(next: Note[]) {
  notes = next;
  for (const listener of listeners) listener();
}

const add = (note: Omit<Note, "id">) => publish([...notes.slice(-3), { ...note, id: nextId++ }]);

export const toast = {
  success: (title: string, detail?: string) => add({ tone: "success", title, detail }),
  error: (title: string, error: unknown) => add({ tone: "error", title, detail: asProblem(error).message }),
};

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => notes);
  return (
    <Radix.Provider swipeDirection="right" label="Notification">
      {shown.map((note) => (
        <Radix.Root
          key={note.id}
          type={note.tone === "error" ? "foreground" : "background"}
          duration={note.tone === "error" ? 10_000 : 4_000}
          onOpenChange={(open) => !open && publish(notes.filter(({ id }) => id !== note.id))}
          className="flex animate-pop items-start gap-3 rounded-md bg-raised p-3 text-sm shadow-pop"
        >
          {note.tone === "success" ? (
            <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />
          ) : (
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
          )}
          <div className="min-w-0 flex-1">
            <Radix.Title className="font-medium">{note.title}</Radix.Title>
            {note.detail && <Radix.Description className="text-muted">{note.detail}</Radix.Description>}
          </div>
          <Radix.Close aria-label="Dismiss" className="rounded-sm p-1 text-muted hover:text-ink">
            <X aria-hidden className="size-4" />
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className="fixed right-4 bottom-4 z-60 flex w-[calc(100vw-2rem)] max-w-sm flex-col gap-2 outline-none" />
    </Radix.Provider>
  );
}
