// What is installed: providers by kind, with which the organisation works; and plugins that are in trouble.
import { useQuery } from "@tanstack/react-query";
import type { PluginList, Provider } from "@/api/types";
import { Section } from "@/ui/layout";
import { Empty, Loaded } from "@/ui/states";
import { ProviderRow } from "./ProviderRow";
import { pluginList } from "./plugins";

const KINDS: Record<string, { title: string; description: string }> = {
  assistants: {
    title: "Assistant",
    description: "Who candidates work with. Assessments keep the one that they were created with.",
  },
  signal_evaluators: { title: "Evaluators", description: "Who measures and judges a session." },
  sandboxes: { title: "Sandbox", description: "Where candidates’ code runs." },
  notifiers: { title: "Mail", description: "How invitations and other messages leave." },
};

const kindWords = (kind: string) =>
  KINDS[kind] ?? { title: kind.replaceAll("_", " "), description: "Offered by a plugin." };

export function PluginsSection() {
  const query = useQuery(pluginList());
  return (
    <Loaded query={query} errorTitle="The plugins could not be loaded">
      {(list) =>
        list.plugins.length === 0 ? (
          <Empty title="No plugin is loaded">
            TALI was started in safe mode (TALI_SAFE_MODE). What was recorded stays readable; start it without
            to work on.
          </Empty>
        ) : (
          <div className="flex flex-col gap-10">
            <Troubles list={list} />
            {byKind(list.providers).map(([kind, providers]) => (
              <Section key={kind} {...kindWords(kind)}>
                <ul className="rounded-lg border border-line bg-raised">
                  {providers.map((provider) => (
                    <ProviderRow key={provider.name} provider={provider} />
                  ))}
                </ul>
              </Section>
            ))}
          </div>
        )
      }
    </Loaded>
  );
}

function byKind(providers: Provider[]) {
  const order = Object.keys(KINDS);
  const place = (kind: string) => (order.includes(kind) ? order.indexOf(kind) : order.length);
  const kinds = [...new Set(providers.map(({ kind }) => kind))].sort((a, b) => place(a) - place(b));
  return kinds.map((kind) => [kind, providers.filter((one) => one.kind === kind)] as const);
}

function Troubles({ list }: { list: PluginList }) {
  const degraded = list.plugins.filter(({ status }) => status === "degraded");
  if (degraded.length === 0) return null;
  return (
    <Section
      title="In trouble"
      description="The rest of TALI works on. Whoever runs it finds more in the log."
    >
      <ul className="rounded-lg border border-warning/40 bg-warning-soft">
        {degraded.map(({ name, distribution, version, reason }) => (
          <li key={name} className="border-warning/30 border-b px-4 py-3 last:border-b-0">
            <p className="font-medium">
              {name}{" "}
              <span className="font-normal text-muted text-xs">
                from {distribution} {version}
              </span>
            </p>
            <p className="break-words text-sm">{reason}</p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
