// The states that every page has beside "full": loading, empty, and an error that says what to do next.
import { CircleAlert, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { asProblem } from "@/api/problem";
import { Button } from "./Button";
import { cx } from "./class-names";

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx("animate-pulse rounded-sm bg-hover", className)} />;
}

export function LoadingPanel({ label = "Loading", rows = 5 }: { label?: string; rows?: number }) {
  return (
    <div role="status" className="flex flex-col gap-3 py-2">
      <span className="sr-only">{label}…</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move.
        <Skeleton key={row} className={cx("h-5", ["w-full", "w-11/12", "w-4/5"][row % 3])} />
      ))}
    </div>
  );
}

export function Empty({
  title,
  children,
  action,
}: {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-3 rounded-lg border border-line border-dashed px-6 py-14 text-center">
      <p className="max-w-prose font-medium text-base">{title}</p>
      {children && <div className="max-w-prose text-muted text-sm">{children}</div>}
      {action}
    </div>
  );
}

export function ErrorMessage({
  error,
  title = "This could not be loaded",
  onRetry,
  children,
}: {
  error: unknown;
  title?: string;
  /** What can be done about it, beside trying again. */
  children?: ReactNode;
  onRetry?: (() => void) | undefined;
}) {
  const problem = asProblem(error);
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-lg border border-danger/40 bg-danger-soft px-4 py-3"
    >
      <CircleAlert aria-hidden className="size-5 shrink-0 text-danger" />
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium text-danger">{title}</p>
        <p className="text-sm">{problem.message}</p>
      </div>
      {children}
      {onRetry && problem.status !== 404 && (
        <Button size="small" onClick={onRetry}>
          <RotateCw aria-hidden /> Try again
        </Button>
      )}
    </div>
  );
}

interface Loadable<Data> {
  data: Data | undefined;
  error: unknown;
  isFetching: boolean;
  refetch(): unknown;
}

/**
 * What a query has, in its state: a skeleton before the first answer, the error where there is nothing to show, and the
 * data otherwise. A failed refetch leaves the data in place, with a line above it.
 */
export function Loaded<Data>({
  query,
  loading,
  errorTitle,
  children,
}: {
  query: Loadable<Data>;
  loading?: ReactNode;
  errorTitle?: string;
  children: (data: Data) => ReactNode;
}) {
  const title = errorTitle === undefined ? {} : { title: errorTitle };
  if (query.data !== undefined) {
    return (
      <>
        {query.error != null && (
          <div className="mb-4">
            <ErrorMessage
              error={query.error}
              title="This may be out of date"
              onRetry={() => query.refetch()}
            />
          </div>
        )}
        {children(query.data)}
      </>
    );
  }
  if (query.error != null) {
    return <ErrorMessage error={query.error} {...title} onRetry={() => query.refetch()} />;
  }
  return loading ?? <LoadingPanel />;
}
