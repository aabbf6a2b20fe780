// One task as candidates get it, and how it is scored.
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import type { Task, TaskFile } from "@/api/types";
import { useMay } from "@/api/use-session";
import { count, day, minutes, plural, titled } from "@/format/format";
import { href, type Params } from "@/router/router";
import { Badge } from "@/ui/Badge";
import { ButtonLink } from "@/ui/Button";
import { CodeView } from "@/ui/CodeView";
import { Disclosure, Facts, PageHeader, Panel, Section } from "@/ui/layout";
import { Markdown } from "@/ui/Markdown";
import { Empty, Loaded, LoadingPanel } from "@/ui/states";
import { DIFFICULTY, KIND, language } from "@/words";
import { taskDetail, weightPresets } from "./queries";
import { WeightsView } from "./WeightsView";

const crumbs = [{ label: "Tasks", href: href("/tasks") }];

export default function TaskPage({ params }: { params: Params }) {
  const query = useQuery(taskDetail(params.id ?? ""));
  return (
    <>
      <Header task={query.data} />
      <Loaded
        query={query}
        loading={<LoadingPanel label="Loading the task" rows={8} />}
        errorTitle="The task could not be loaded"
      >
        {(task) => <TaskView task={task} />}
      </Loaded>
    </>
  );
}

/** One header before and after the answer, so that the heading keeps the focus it was given on arrival. */
function Header({ task }: { task: Task | undefined }) {
  const mayCreate = useMay("recruiter");
  if (!task) return <PageHeader title="Task" crumbs={crumbs} />;
  return (
    <PageHeader
      title={task.title}
      crumbs={crumbs}
      description={task.summary}
      actions={
        mayCreate &&
        task.state === "published" && (
          <ButtonLink look="primary" href={href("/assessments/new", { task: task.id })}>
            <Plus aria-hidden /> Create assessment
          </ButtonLink>
        )
      }
    />
  );
}

function TaskView({ task }: { task: Task }) {
  const presets = useQuery(weightPresets());
  return (
    <div className="grid gap-x-10 gap-y-10 lg:grid-cols-[minmax(0,1fr)_19rem]">
      <div className="flex min-w-0 flex-col gap-10">
        <Section title="Brief" description="What the candidate reads, once the clock has started.">
          <Panel className="p-5">
            <Markdown text={task.brief} />
          </Panel>
        </Section>
        <Files title="Files at the start" files={task.files} />
        <Files title="Tests that candidates can run" files={task.visible_tests} />
      </div>
      <aside aria-label="About this task" className="flex flex-col gap-8">
        <Facts
          facts={[
            ["State", titled(task.state)],
            ["Version", task.version ? `${task.version.number}, ${day(task.version.published_at)}` : "--"],
            ["Kind", KIND[task.kind] ?? titled(task.kind)],
            ["Difficulty", DIFFICULTY[task.difficulty] ?? titled(task.difficulty)],
            ["Time", minutes(task.duration_minutes)],
            ["Languages", task.languages.map(language).join(", ") || "--"],
            ["Hidden tests", count(task.hidden_test_count)],
            ["Assistant’s help", task.help_level ? titled(task.help_level) : "--"],
          ]}
        />
        <Section title="Weights" description={task.preset ? `Preset: ${titled(task.preset)}` : undefined}>
          <WeightsView weights={task.weights} components={presets.data?.components ?? []} />
        </Section>
      </aside>
    </div>
  );
}

function Files({ title, files }: { title: string; files: TaskFile[] }) {
  return (
    <Section title={title} description={plural(files.length, "file")}>
      {files.length === 0 ? (
        <Empty title="None" />
      ) : (
        <Panel className="px-4 py-2">
          {files.map((file) => (
            <Disclosure
              key={file.path}
              summary={
                <>
                  <span className="break-all font-mono text-ink text-xs">{file.path}</span>
                  {file.readonly && <Badge>Read only</Badge>}
                  <span className="text-xs">{plural(file.content.split("\n").length, "line")}</span>
                </>
              }
            >
              <div className="max-h-[32rem] overflow-auto rounded-md border border-line bg-sunken py-2">
                <CodeView path={file.path} code={file.content} />
              </div>
            </Disclosure>
          ))}
        </Panel>
      )}
    </Section>
  );
}
