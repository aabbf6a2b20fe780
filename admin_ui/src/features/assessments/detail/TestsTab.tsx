// The hidden tests, one by one: failed ones first, with what they said.
import { CircleCheck, CircleX } from "lucide-react";
import { useEffect, useRef } from "react";
import type { TestResult } from "@/api/report";
import { duration } from "@/format/format";
import { useLocation } from "@/router/router";
import { cx } from "@/ui/class-names";
import { Panel } from "@/ui/layout";
import { Scrollable } from "@/ui/Scrollable";
import { ErrorMessage } from "@/ui/states";
import type { TabProps } from "./AssessmentPage";
import { NoResultYet } from "./NoResultYet";
import { ScoringNote } from "./ScoringNote";
import { TestMarks } from "./TestsSummary";

export default function TestsTab({ assessment }: TabProps) {
  const { query } = useLocation();
  // While it is scored, the tests of the run that is under way; they are done long before its score.
  const underWay = assessment.scoring.tests;
  const tests = underWay ?? assessment.result?.tests;
  if (!tests) return <NoResultYet assessment={assessment} what="test results" />;
  const results = tests.results.toSorted((a, b) => Number(a.passed) - Number(b.passed));
  return (
    <div className="flex flex-col gap-6">
      {underWay && <ScoringNote assessment={assessment} />}
      {tests.state === "error" && (
        <ErrorMessage
          title="The tests did not run to their end"
          error={new Error(tests.reason_text ?? "The code could not be tested as it was submitted.")}
        />
      )}
      {tests.total > 0 && (
        <>
          <Panel className="p-4">
            <TestMarks tests={tests.state === "error" ? { ...tests, reason_text: null } : tests} />
          </Panel>
          <p className="text-muted text-sm">Candidates never see these tests. Failed tests come first.</p>
        </>
      )}
      <ul className="rounded-lg border border-line bg-raised empty:hidden">
        {results.map((result) => (
          <TestRow key={result.name} result={result} target={result.name === query.get("test")} />
        ))}
      </ul>
    </div>
  );
}

function TestRow({ result, target }: { result: TestResult; target: boolean }) {
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (target) row.current?.scrollIntoView({ block: "center" });
  }, [target]);
  const Icon = result.passed ? CircleCheck : CircleX;
  return (
    <li
      ref={row}
      className={cx(
        "flex gap-3 border-line border-b px-4 py-2.5 last:border-b-0",
        target && "jumped-to rounded-md",
      )}
    >
      <Icon
        aria-hidden
        className={cx("mt-0.5 size-4 shrink-0", result.passed ? "text-success" : "text-danger")}
      />
      <div className="min-w-0 flex-1">
        <p className="break-all font-mono text-xs leading-5">
          <span className="sr-only">{result.passed ? "Passed: " : "Failed: "}</span>
          {result.name}
        </p>
        {result.message && !result.passed && (
          <Scrollable
            label={`What ${result.name} said`}
            className="mt-2 max-h-60 overflow-auto rounded-md bg-sunken p-3"
          >
            <pre className="whitespace-pre-wrap font-mono text-xs">{result.message}</pre>
          </Scrollable>
        )}
      </div>
      <span className="text-muted text-xs tabular-nums">{duration(result.duration_ms)}</span>
    </li>
  );
}
