// The parts that pages are laid out with: their heading, sections, panels, facts, and tabs that live in the address.
import { ChevronRight } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useArrivalFocus } from "./arrival";
import { cx } from "./class-names";

const PRODUCT = "TALI";

/** Name the browser's tab after the page. */
export function usePageTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · ${PRODUCT}`;
  }, [title]);
}

export interface Crumb {
  label: string;
  href: string;
}

export function PageHeader({
  title,
  crumbs = [],
  description,
  actions,
  pageTitle = title,
}: {
  title: string;
  crumbs?: Crumb[];
  description?: ReactNode;
  actions?: ReactNode;
  pageTitle?: string;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  usePageTitle(pageTitle);
  useArrivalFocus(heading);
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        {crumbs.length > 0 && (
          <nav aria-label="Breadcrumb" className="mb-1 flex items-center gap-1 text-muted text-sm">
            {crumbs.map((crumb) => (
              <span key={crumb.href} className="flex items-center gap-1">
                <a href={crumb.href} className="rounded-sm hover:text-ink hover:underline">
                  {crumb.label}
                </a>
                <ChevronRight aria-hidden className="size-3.5" />
              </span>
            ))}
          </nav>
        )}
        <h1
          ref={heading}
          tabIndex={-1}
          className="line-clamp-2 break-words font-semibold text-xl tracking-tight md:text-2xl"
          title={title.length > 60 ? title : undefined}
        >
          {title}
        </h1>
        {description && <div className="mt-1 max-w-3xl text-muted text-sm">{description}</div>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}

export function Section({
  title,
  description,
  actions,
  children,
  className,
}: {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={cx("min-w-0", className)}>
      <div className="mb-3 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h2 id={id} className="font-semibold text-base">
            {title}
          </h2>
          {description && <p className="max-w-prose text-muted text-sm">{description}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}

export function Panel({ className, children }: { className?: string; children: ReactNode }) {
  return <div className={cx("rounded-lg border border-line bg-raised", className)}>{children}</div>;
}

export function Facts({ facts, className }: { facts: [ReactNode, ReactNode][]; className?: string }) {
  return (
    <dl className={cx("grid grid-cols-[minmax(5.5rem,auto)_1fr] gap-x-4 gap-y-2 text-sm", className)}>
      {facts.map(([name, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: facts of one page keep their places.
        <div key={index} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export interface Tab {
  label: string;
  href: string;
  current: boolean;
  badge?: ReactNode;
}

/** Tabs are places, so they are links: they can be opened aside, shared, and gone back to. */
export function TabBar({ label, tabs }: { label: string; tabs: Tab[] }) {
  return (
    <nav aria-label={label} className="-mx-4 mb-6 overflow-x-auto border-line border-b px-4 md:mx-0 md:px-0">
      <ul className="flex gap-1">
        {tabs.map((tab) => (
          <li key={tab.href}>
            <a
              href={tab.href}
              aria-current={tab.current ? "page" : undefined}
              className="-mb-px flex h-10 items-center gap-1.5 border-transparent border-b-2 px-2.5 text-muted text-sm whitespace-nowrap hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-ink"
            >
              {tab.label}
              {tab.badge}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export function Disclosure({
  summary,
  children,
  open,
  className,
}: {
  summary: ReactNode;
  children: ReactNode;
  open?: boolean;
  className?: string;
}) {
  return (
    <details open={open} className={cx("group/disclosure", className)}>
      <summary className="flex items-center gap-1.5 rounded-sm py-1 text-muted text-sm hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          className="size-4 shrink-0 transition-transform group-open/disclosure:rotate-90"
        />
        {summary}
      </summary>
      <div className="pt-2">{children}</div>
    </details>
  );
}
