// Settings, a section an address.
import { href, type Params } from "@/router/router";
import { PageHeader, TabBar } from "@/ui/layout";
import { Empty } from "@/ui/states";
import { AccountSection } from "./AccountSection";
import { ApiKeysSection } from "./ApiKeysSection";
import { OrganizationSection } from "./OrganizationSection";
import { PluginsSection } from "./PluginsSection";

const SECTIONS = {
  organization: { label: "Organisation", Body: OrganizationSection },
  plugins: { label: "Plugins", Body: PluginsSection },
  "api-keys": { label: "API keys", Body: ApiKeysSection },
  account: { label: "Account", Body: AccountSection },
} as const;

export default function SettingsPage({ params }: { params: Params }) {
  const current = params.section ?? "organization";
  const section = SECTIONS[current as keyof typeof SECTIONS];
  return (
    <>
      <PageHeader title="Settings" pageTitle={section ? `${section.label} · Settings` : "Settings"} />
      <TabBar
        label="Settings"
        tabs={Object.entries(SECTIONS).map(([name, { label }]) => ({
          label,
          href: href(`/settings/${name}`),
          current: name === current,
        }))}
      />
      {section ? <section.Body /> : <Empty title="There are no such settings" />}
    </>
  );
}
