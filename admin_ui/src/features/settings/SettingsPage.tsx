// Settings, a section an address.
import { useMay } from "@/api/use-session";
import { href, type Params } from "@/router/router";
import { PageHeader, TabBar } from "@/ui/layout";
import { Empty } from "@/ui/states";
import { AccountSection } from "./AccountSection";
import { ApiKeysSection } from "./ApiKeysSection";
import { AuditSection } from "./AuditSection";
import { OrganizationSection } from "./OrganizationSection";
import { PluginsSection } from "./PluginsSection";
import { UsersSection } from "./UsersSection";

const SECTIONS = {
  organization: { label: "Organisation", Body: OrganizationSection, ownersOnly: false },
  users: { label: "Users", Body: UsersSection, ownersOnly: false },
  plugins: { label: "Plugins", Body: PluginsSection, ownersOnly: false },
  "api-keys": { label: "API keys", Body: ApiKeysSection, ownersOnly: false },
  audit: { label: "Audit log", Body: AuditSection, ownersOnly: true },
  account: { label: "Account", Body: AccountSection, ownersOnly: false },
} as const;

export default function SettingsPage({ params }: { params: Params }) {
  const current = params.section ?? "organization";
  const isOwner = useMay("owner");
  const open = Object.entries(SECTIONS).filter(([, { ownersOnly }]) => isOwner || !ownersOnly);
  const section = open.find(([name]) => name === current)?.[1];
  return (
    <>
      <PageHeader title="Settings" pageTitle={section ? `${section.label} · Settings` : "Settings"} />
      <TabBar
        label="Settings"
        tabs={open.map(([name, { label }]) => ({
          label,
          href: href(`/settings/${name}`),
          current: name === current,
        }))}
      />
      {section ? <section.Body /> : <Empty title="There are no such settings" />}
    </>
  );
}
