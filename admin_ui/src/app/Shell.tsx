// The frame around every page: where one can go, who is signed in, and the place that the page fills.
import { Command, KeyRound, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { session } from "@/api/session";
import { useMay, useMe } from "@/api/use-session";
import { here, href, navigate, useLocation } from "@/router/router";
import { useArrival } from "@/ui/arrival";
import { ButtonLink, IconButton } from "@/ui/Button";
import { cx } from "@/ui/class-names";
import { PageHeader } from "@/ui/layout";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, LoadingPanel } from "@/ui/states";
import { THEMES, theme } from "@/ui/theme";
import { ErrorBoundary } from "./ErrorBoundary";
import { isUnder, PLACES } from "./navigation";
import { resolve } from "./routes";
import { Wordmark } from "./Wordmark";

const CommandPalette = lazy(() => import("./CommandPalette"));
const ShortcutsDialog = lazy(() => import("./ShortcutsDialog"));

export function Shell() {
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const mayCreate = useMay("recruiter");

  useShortcuts({
    "?": () => setHelp(true),
    ...(mayCreate && { c: () => navigate(href("/assessments/new")) }),
  });

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setPalette((open) => !open);
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);

  return (
    <div className="md:grid md:grid-cols-[14rem_minmax(0,1fr)]">
      {/* A button, since the hash is the address of the page and a link's target would replace it. */}
      <button
        type="button"
        onClick={() => document.getElementById("content")?.focus()}
        className="sr-only z-50 rounded-md bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to content
      </button>
      <TopBar onPalette={() => setPalette(true)} />
      <SideBar onPalette={() => setPalette(true)} />
      <Content />
      <Suspense>
        {palette && <CommandPalette onClose={() => setPalette(false)} onHelp={() => setHelp(true)} />}
        {help && <ShortcutsDialog onClose={() => setHelp(false)} />}
      </Suspense>
    </div>
  );
}

function Content() {
  const { path } = useLocation();
  const main = useRef<HTMLElement>(null);
  const found = resolve(path);
  const key = found?.key ?? path;
  useArrival(main, key);

  return (
    <main
      id="content"
      ref={main}
      tabIndex={-1}
      className="mx-auto min-h-dvh w-full min-w-0 max-w-7xl px-4 pt-6 pb-28 md:px-8 md:pb-16"
    >
      <PasswordPrompt />
      <ErrorBoundary place={key}>
        <Suspense fallback={<LoadingPanel />}>
          {found ? <found.Page key={key} params={found.params} /> : <NotFound />}
        </Suspense>
      </ErrorBoundary>
    </main>
  );
}

function NotFound() {
  return (
    <>
      <PageHeader title="Not found" />
      <Empty
        title="There is no page at this address"
        action={<ButtonLink href={href("/assessments")}>Go to assessments</ButtonLink>}
      />
    </>
  );
}

/** Someone who came by a one-time link has no way back in without a password: say so once, kindly. */
function PasswordPrompt() {
  const { user } = useMe();
  const { path } = useLocation();
  const [dismissed, setDismissed] = useState(false);
  if (user.has_password || dismissed || path.startsWith("/settings/account")) return null;
  return (
    <aside
      aria-label="Set a password"
      className="mb-6 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg bg-accent-soft px-4 py-3 text-sm"
    >
      <KeyRound aria-hidden className="size-4 text-accent-ink max-sm:hidden" />
      <p className="min-w-0 flex-1 basis-64">
        You signed in with a one-time link. Set a password to come back without one.
      </p>
      <ButtonLink size="small" href={href("/settings/account")}>
        Set a password
      </ButtonLink>
      <button
        type="button"
        onClick={() => setDismissed(true)}
        className="rounded-sm px-1 py-0.5 text-muted text-xs hover:text-ink"
      >
        Not now
      </button>
    </aside>
  );
}

function SideBar({ onPalette }: { onPalette(): void }) {
  const me = useMe();
  return (
    <header className="sticky top-0 hidden h-dvh flex-col gap-1 border-line border-r bg-sunken px-3 py-4 md:flex">
      <div className="mb-4 px-2">
        <Wordmark className="text-lg" />
        <p className="mt-1 truncate text-muted text-xs" title={me.organization.name}>
          {me.organization.name}
        </p>
      </div>
      <button
        type="button"
        onClick={onPalette}
        className="mb-3 flex h-8 items-center gap-2 rounded-md border border-line bg-raised px-2 text-muted text-sm hover:text-ink"
      >
        <Command aria-hidden className="size-3.5" />
        Jump to…
        <kbd className="ml-auto font-sans text-2xs">{isApple ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      <Places className="flex flex-col gap-0.5" linkClass="h-8 gap-2.5 px-2" />
      <div className="mt-auto flex items-center gap-1 border-line border-t pt-3 pl-2">
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium text-sm" title={me.user.full_name}>
            {me.user.full_name}
          </p>
          <p className="truncate text-muted text-xs" title={me.user.email}>
            {me.user.email}
          </p>
        </div>
        <ThemeButton />
        <SignOutButton />
      </div>
    </header>
  );
}

/** On a phone: the name and tools above, the places within reach of a thumb below. */
function TopBar({ onPalette }: { onPalette(): void }) {
  return (
    <>
      <header className="sticky top-0 z-30 flex h-13 items-center gap-1 border-line border-b bg-surface px-4 md:hidden">
        <Wordmark className="mr-auto text-base" />
        <IconButton label="Jump to…" onClick={onPalette}>
          <Command aria-hidden />
        </IconButton>
        <ThemeButton />
        <SignOutButton />
      </header>
      <Places
        className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-4 border-line border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
        linkClass="h-14 flex-col justify-center gap-0.5 text-2xs"
      />
    </>
  );
}

function Places({ className, linkClass }: { className: string; linkClass: string }) {
  const { path } = useLocation();
  return (
    <nav aria-label="Main" className={className}>
      {PLACES.map((place) => (
        <a
          key={place.path}
          href={href(place.path)}
          aria-current={isUnder(path, place) ? (path === place.path ? "page" : "true") : undefined}
          className={cx(
            "flex items-center rounded-md text-muted text-sm hover:bg-hover hover:text-ink aria-[current]:bg-hover aria-[current]:font-medium aria-[current]:text-ink aria-[current]:[&_svg]:text-accent-ink",
            linkClass,
          )}
        >
          <place.icon aria-hidden className="size-4" />
          {place.label}
        </a>
      ))}
    </nav>
  );
}

const THEME_ICON = { system: Monitor, light: Sun, dark: Moon };

function ThemeButton() {
  const chosen = theme.use();
  const next = THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length] ?? "system";
  const Icon = THEME_ICON[chosen];
  return (
    <IconButton label={`Theme: ${chosen}. Change to ${next}`} onClick={() => theme.set(next)}>
      <Icon aria-hidden />
    </IconButton>
  );
}

function SignOutButton() {
  return (
    <IconButton
      label="Sign out"
      onClick={() => {
        // The page that was open belongs to this session, not to the next.
        if (here().path !== "/assessments") navigate(href("/assessments"), { replace: true });
        session.signOut();
      }}
    >
      <LogOut aria-hidden />
    </IconButton>
  );
}

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);
