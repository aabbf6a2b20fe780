// Which keys do what.
import { href } from "@/router/router";
import { Dialog } from "@/ui/Dialog";

const KEYS: [keys: string[], what: string][] = [
  [["⌘ K", "Ctrl K"], "Open the command palette"],
  [["/"], "Search the list"],
  [["j", "k"], "Next or previous row"],
  [["Enter"], "Open the row"],
  [["c"], "Create an assessment"],
  [["?"], "Show this"],
  [["Esc"], "Close what is open"],
];

export default function ShortcutsDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Keyboard shortcuts">
      <dl className="flex flex-col gap-2.5 text-sm">
        {KEYS.map(([keys, what]) => (
          <div key={what} className="flex items-center justify-between gap-4">
            <dt>{what}</dt>
            <dd className="flex gap-1.5">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="rounded-sm border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs"
                >
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <p className="mt-5 text-muted text-xs">
        Single keys can be switched off under{" "}
        <a href={href("/settings/account")} onClick={onClose} className="underline">
          Settings → Account
        </a>
        .
      </p>
    </Dialog>
  );
}
