// Text to take away: a button that copies, a field that shows what is copied, and a block for code.
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "./Button";
import { Scrollable } from "./Scrollable";
import { toast } from "./toasts";

async function copy(text: string) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain-HTTP origins have no clipboard API; a selected, detached field still works there.
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("The browser did not allow it. Select the text and copy it by hand.");
}

function useCopy(text: string, what: string) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const run = () =>
    copy(text).then(
      () => {
        setCopied(true);
        toast.success(`${what} copied`);
      },
      (error: unknown) => toast.error(`${what} was not copied`, error),
    );
  return [copied, run] as const;
}

export function CopyButton({
  text,
  what,
  label = "Copy",
  look = "secondary",
  size = "small",
}: {
  text: string;
  /** What is copied, as the toast says it: "Invitation link". */
  what: string;
  label?: string;
  look?: "primary" | "secondary" | "ghost";
  size?: "small" | "medium";
}) {
  const [copied, run] = useCopy(text, what);
  return (
    <Button size={size} look={look} onClick={run} aria-label={`${label} ${what.toLowerCase()}`}>
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      {label}
    </Button>
  );
}

export function CopyField({ text, what }: { text: string; what: string }) {
  return (
    <div className="flex min-w-0 items-center gap-2">
      <input
        readOnly
        value={text}
        aria-label={what}
        onFocus={(event) => event.currentTarget.select()}
        className="h-9 min-w-0 flex-1 rounded-md border border-line bg-sunken px-3 font-mono text-xs"
      />
      <CopyButton text={text} what={what} size="medium" />
    </div>
  );
}

export function CopyBlock({ text, what, wrap = false }: { text: string; what: string; wrap?: boolean }) {
  const [copied, run] = useCopy(text, what);
  return (
    <div className="relative min-w-0">
      <Scrollable
        label={`${what}, to copy`}
        className="max-h-80 overflow-auto rounded-md border border-line bg-sunken p-3 pr-12"
      >
        <pre className={wrap ? "whitespace-pre-wrap font-sans text-sm" : "font-mono text-xs"}>{text}</pre>
      </Scrollable>
      <IconButton label={`Copy ${what.toLowerCase()}`} onClick={run} className="absolute top-1 right-1">
        {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      </IconButton>
    </div>
  );
}
