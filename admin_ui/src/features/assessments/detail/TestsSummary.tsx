// The hidden tests at a glance: one mark per test, so that "8 of 10" can be seen as well as read.
import type { TestRun } from "@/api/report";
import { duration, UNKNOWN } from "@/format/format";
import { href } from "@/router/router";
import { cx } from "@/ui/class-names";
import { Panel, Section } from "@/ui/layout";

export function TestsSummary({ assessmentId, tests }: { assessmentId: string; tests: TestRun }) {
  return (
    <Section
      title="Hidden tests"
      actions={
        tests.total > 0 && (
          <a
            href={href(`/assessments/${assessmentId}/tests`)}
            className="rounded-sm text-accent-ink text-sm hover:underline"
          >
            See each test
          </a>
        )
      }
    >
      <Panel className="p-4">
        <TestMarks tests={tests} />
      </Panel>
    </Section>
  );
}

export function TestMarks({ tests }: { tests: TestRun }) {
  if (tests.total === 0) {
    return (
      <p className="text-muted text-sm">
        {UNKNOWN} {tests.reason_text ?? "No test run is on record."}
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm">
        <span className="font-semibold text-lg tabular-nums">
          {tests.passed} of {tests.total}
        </span>{" "}
        passed{tests.duration_ms !== null && `, in ${duration(tests.duration_ms)}`}
      </p>
      {tests.results.length > 0 && (
        <div aria-hidden className="flex flex-wrap gap-1">
          {tests.results.map((result) => (
            <span
              key={result.name}
              title={`${result.name}: ${result.passed ? "passed" : "failed"}`}
              className={cx(
                "h-4 w-2.5 rounded-xs",
                result.passed ? "bg-success" : "border border-danger bg-danger-soft",
              )}
            />
          ))}
        </div>
      )}
      {tests.reason_text && <p className="text-muted text-sm">{tests.reason_text}</p>}
    </div>
  );
}
