// The tasks that candidates can be given.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { TaskSummary } from "@/api/types";
import { titled } from "@/format/format";
import { href } from "@/router/router";
import { Badge } from "@/ui/Badge";
import { PageHeader } from "@/ui/layout";
import { LoadMore } from "@/ui/list-tools";
import { Empty, Loaded } from "@/ui/states";
import { taskList } from "./queries";
import { TaskTraits } from "./TaskTraits";

export default function TasksPage() {
  const list = useInfiniteQuery(taskList());
  return (
    <>
      <PageHeader
        title="Tasks"
        description="What candidates solve. A published version never changes, so that scores stay comparable."
      />
      <Loaded query={list} errorTitle="The tasks could not be loaded">
        {({ pages }) => {
          const tasks = pages.flatMap(({ data }) => data);
          if (tasks.length === 0) {
            return (
              <Empty title="No tasks yet">
                A new organisation gets TALI’s own tasks within a minute: reload this page then. To add yours,
                push a folder with tali tasks push.
              </Empty>
            );
          }
          return (
            <>
              <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
                {tasks.map((task) => (
                  <TaskCard key={task.id} task={task} />
                ))}
              </ul>
              <LoadMore query={list} shown={tasks.length} what="task" />
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function TaskCard({ task }: { task: TaskSummary }) {
  return (
    <li className="relative flex flex-col gap-2 rounded-lg border border-line bg-raised p-4 hover:border-line-strong">
      <div className="flex items-start justify-between gap-3">
        <h2 className="line-clamp-2 font-medium">
          <a href={href(`/tasks/${task.id}`)} className="rounded-sm after:absolute after:inset-0">
            {task.title}
          </a>
        </h2>
        {task.state !== "published" && <Badge>{titled(task.state)}</Badge>}
      </div>
      <p className="line-clamp-3 text-muted text-sm">{task.summary}</p>
      <TaskTraits task={task} className="mt-auto pt-1" />
    </li>
  );
}
