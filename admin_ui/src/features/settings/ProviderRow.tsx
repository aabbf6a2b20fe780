// One provider: whether it is used, what it still needs, how its last test went, and what can be done with it.
import { useState } from "react";
import type { Provider } from "@/api/types";
import { useMay } from "@/api/use-session";
import { ago } from "@/format/format";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { toast } from "@/ui/toasts";
import { ProviderForm } from "./ProviderForm";
import { useTest, useUse } from "./plugins";

export function ProviderRow({ provider }: { provider: Provider }) {
  const isOwner = useMay("owner");
  const [open, setOpen] = useState(false);
  const { title, notice, plugin, installed, missing, settings } = provider;
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-3 border-line border-b px-4 py-4 last:border-b-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {title} <State provider={provider} />
        </p>
        {notice && <p className="text-muted text-sm">{notice}</p>}
        {missing.length > 0 && installed && (
          <p className="text-sm">
            It still needs {missing.map((name) => <code key={name}>{name}</code>).reduce(joined)}.
          </p>
        )}
        <p className="text-muted text-xs">
          {installed
            ? `Plugin ${plugin}`
            : "Its plugin is not installed here any more; its settings are kept."}
        </p>
        <TestResult provider={provider} />
      </div>
      {isOwner && installed && (
        <div className="flex flex-wrap gap-2">
          <UseButton provider={provider} />
          <TestButton provider={provider} />
          {settings.some(({ editable }) => editable) && (
            <Button size="small" onClick={() => setOpen(true)}>
              Set up<span className="sr-only"> {title}</span>
            </Button>
          )}
        </div>
      )}
      <Dialog open={open} onOpenChange={setOpen} title={`Set up ${title}`}>
        <ProviderForm provider={provider} onDone={() => setOpen(false)} />
      </Dialog>
    </li>
  );
}

const joined = (list: React.ReactNode, next: React.ReactNode) => (
  <>
    {list}, {next}
  </>
);

function State({ provider: { installed, used, missing } }: { provider: Provider }) {
  if (!installed) return <Badge tone="danger">Not installed</Badge>;
  if (used && missing.length > 0) return <Badge tone="warning">In use, not set up</Badge>;
  if (used) return <Badge tone="success">In use</Badge>;
  return <Badge>Not used</Badge>;
}

function TestResult({ provider: { check } }: { provider: Provider }) {
  if (!check) return null;
  const tone = { running: "text-muted", ok: "text-success", failed: "text-danger" }[check.state];
  return (
    <p role="status" className={`mt-1 break-words text-sm ${tone}`}>
      {check.state === "running" ? "A worker tries it out…" : `${check.message} (${ago(check.at)})`}
    </p>
  );
}

function UseButton({ provider }: { provider: Provider }) {
  const use = useUse();
  const { title, used, one_of_a_kind } = provider;
  const label = used ? (one_of_a_kind ? "Use none" : "Switch off") : one_of_a_kind ? "Use" : "Switch on";
  const change = () =>
    use.mutate(
      { provider, used: !used },
      {
        onSuccess: () => toast.success(used ? "Switched off" : "In use", title),
        onError: (error) => toast.error(`${title} was not changed`, error),
      },
    );
  return (
    <Button size="small" busy={use.isPending} onClick={change}>
      {label}
      <span className="sr-only">{one_of_a_kind && used ? ` in place of ${title}` : ` ${title}`}</span>
    </Button>
  );
}

function TestButton({ provider }: { provider: Provider }) {
  const test = useTest();
  return (
    <Button
      size="small"
      busy={test.isPending || provider.check?.state === "running"}
      onClick={() =>
        test.mutate(provider, { onError: (error) => toast.error("It could not be tested", error) })
      }
    >
      Test<span className="sr-only"> {provider.title}</span>
    </Button>
  );
}
