// The code as it was submitted: what changed since the start, or the whole file, with the analysers' findings in place.
import { useQuery } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { AssessmentCode, CodeFile, Finding } from "@/api/report";
import { plural } from "@/format/format";
import { setQuery, useLocation } from "@/router/router";
import { Badge } from "@/ui/Badge";
import { CodeView } from "@/ui/CodeView";
import { CopyButton } from "@/ui/copy";
import { DiffSize, DiffView } from "@/ui/DiffView";
import { Segments } from "@/ui/list-tools";
import { Empty, Loaded } from "@/ui/states";
import { assessmentCode } from "../queries";
import type { TabProps } from "./AssessmentPage";

export default function CodeTab({ assessment }: TabProps) {
  const query = useQuery(assessmentCode(assessment.id));
  return (
    <Loaded query={query} errorTitle="The code could not be loaded">
      {(code) =>
        code.files.length === 0 ? (
          <Empty title="No files">Nothing was written, and the task began with no files.</Empty>
        ) : (
          <CodeBrowser code={code} quality={assessment.result?.code_quality ?? null} />
        )
      }
    </Loaded>
  );
}

type Quality = NonNullable<TabProps["assessment"]["result"]>["code_quality"] | null;

function CodeBrowser({ code, quality }: { code: AssessmentCode; quality: Quality }) {
  const { query } = useLocation();
  const findings = quality?.findings ?? [];
  const wanted = query.get("path");
  const files = [...code.files].sort(
    (a, b) => Number(b.diff !== "") - Number(a.diff !== "") || a.path.localeCompare(b.path),
  );
  const file = files.find(({ path }) => path === wanted) ?? files[0];
  const line = Number(query.get("line")) || undefined;
  if (!file) return null;

  return (
    <div className="flex flex-col gap-4">
      {!code.submitted_at && (
        <p role="status" className="text-muted text-sm">
          Not submitted yet: this is the code as it was saved last.
        </p>
      )}
      {quality?.value === null && (
        <p className="text-muted text-sm">
          No code quality value: {quality.reason_text ?? "no analyser for these files."}
        </p>
      )}
      {wanted !== null && file.path !== wanted && (
        <p role="status" className="text-warning text-sm">
          {wanted} is not among the files; it may have been renamed or deleted.
        </p>
      )}
      <div className="grid gap-4 lg:grid-cols-[15rem_minmax(0,1fr)]">
        <FileList files={files} findings={findings} current={file.path} />
        <FilePanel
          key={file.path}
          file={file}
          line={line}
          findings={findings.filter(({ path }) => path === file.path)}
        />
      </div>
    </div>
  );
}

function FileList({ files, findings, current }: { files: CodeFile[]; findings: Finding[]; current: string }) {
  return (
    <nav aria-label="Files" className="max-h-60 overflow-y-auto lg:max-h-none">
      <ul className="flex flex-col gap-0.5">
        {files.map((file) => {
          const found = findings.filter(({ path }) => path === file.path).length;
          return (
            <li key={file.path}>
              <button
                type="button"
                aria-current={file.path === current || undefined}
                onClick={() => setQuery({ path: file.path, line: null })}
                className="flex min-h-8 w-full items-center gap-2 rounded-md px-2 py-1 text-left pointer-coarse:min-h-11 hover:bg-hover aria-[current]:bg-hover"
              >
                <FileName path={file.path} />
                {found > 0 && (
                  <span className="inline-flex items-center gap-0.5 text-warning text-xs">
                    <CircleAlert aria-hidden className="size-3" />
                    {found}
                    <span className="sr-only"> {found === 1 ? "finding" : "findings"}</span>
                  </span>
                )}
                {file.diff !== "" && <DiffSize diff={file.diff} />}
              </button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

/** The name first and the folder below it: deep folders would push every name out of sight. */
function FileName({ path }: { path: string }) {
  const cut = path.lastIndexOf("/") + 1;
  return (
    <span className="min-w-0 flex-1 font-mono text-xs" title={path}>
      <span className="block break-all">{path.slice(cut)}</span>
      {cut > 0 && <span className="block truncate text-2xs text-muted">{path.slice(0, cut)}</span>}
    </span>
  );
}

function FilePanel({
  file,
  line,
  findings,
}: {
  file: CodeFile;
  line: number | undefined;
  findings: Finding[];
}) {
  const { query } = useLocation();
  const canDiff = file.diff !== "";
  const asked = query.get("view");
  // A link to a line, and findings, need the whole file; otherwise what changed is the news.
  const view = asked ?? (canDiff && line === undefined ? "changes" : "file");
  return (
    <section
      aria-label={`File ${file.path}`}
      className="min-w-0 overflow-hidden rounded-lg border border-line bg-raised"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-b px-3 py-2">
        <h2 className="mr-auto min-w-0 break-all font-mono text-sm">{file.path}</h2>
        <FileState file={file} />
        {findings.length > 0 && <Badge tone="warning">{plural(findings.length, "finding")}</Badge>}
        {canDiff && (
          <Segments
            label="View"
            value={view}
            options={[
              { value: "changes", label: "Changes" },
              { value: "file", label: "Whole file" },
            ]}
            onChange={(next) => setQuery({ view: next })}
          />
        )}
        {file.final !== null && <CopyButton look="ghost" text={file.final} what="File" />}
      </div>
      {view === "changes" && canDiff ? (
        <>
          <FindingList findings={findings} />
          <DiffView path={file.path} diff={file.diff} />
        </>
      ) : (
        <CodeView
          path={file.path}
          code={file.final ?? file.starter ?? ""}
          target={line}
          notes={notesOf(findings)}
        />
      )}
    </section>
  );
}

function FileState({ file }: { file: CodeFile }) {
  if (file.final === null) return <Badge tone="danger">Deleted</Badge>;
  if (file.starter === null) return <Badge tone="success">New</Badge>;
  return file.diff === "" ? <Badge>Unchanged</Badge> : null;
}

function FindingList({ findings }: { findings: Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <ul className="border-line border-b px-3 py-2 text-sm">
      {findings.map((finding) => (
        <li key={`${finding.line}-${finding.rule}-${finding.message}`} className="flex flex-wrap gap-x-2">
          <button
            type="button"
            onClick={() => setQuery({ view: "file", line: finding.line })}
            className="min-h-6 rounded-sm text-accent-ink underline"
          >
            Line {finding.line}
          </button>
          <FindingText finding={finding} />
        </li>
      ))}
    </ul>
  );
}

const FindingText = ({ finding }: { finding: Finding }) => (
  <span>
    {finding.message} <span className="text-muted text-xs">{finding.rule}</span>
  </span>
);

function notesOf(findings: Finding[]): Map<number, ReactNode> {
  const byLine = new Map<number, Finding[]>();
  for (const finding of findings) byLine.set(finding.line, [...(byLine.get(finding.line) ?? []), finding]);
  return new Map(
    [...byLine].map(([line, found]) => [
      line,
      <ul key={line} className="text-sm text-warning">
        {found.map((finding) => (
          <li key={`${finding.rule}-${finding.message}`}>
            <FindingText finding={finding} />
          </li>
        ))}
      </ul>,
    ]),
  );
}
