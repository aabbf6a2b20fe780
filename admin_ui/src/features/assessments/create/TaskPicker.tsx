// Choosing the task: a card each, as radio buttons, so that arrow keys and forms work as they always do.
import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import { useEffect } from "react";
import { useFormContext } from "react-hook-form";
import type { TaskSummary } from "@/api/types";
import { taskList } from "@/features/tasks/queries";
import { TaskTraits } from "@/features/tasks/TaskTraits";
import { here, href } from "@/router/router";
import { Section } from "@/ui/layout";
import { LoadMore } from "@/ui/list-tools";
import { Empty, Loaded } from "@/ui/states";
import type { CreateForm } from "./form";

export function TaskPicker() {
  const tasks = useInfiniteQuery(taskList());
  const { formState } = useFormContext<CreateForm>();
  const error = formState.errors.task_id?.message;
  return (
    <Section
      title="Task"
      description="What the candidate solves. The brief and tests are the same for everybody."
    >
      <Loaded query={tasks} errorTitle="The tasks could not be loaded">
        {({ pages }) => {
          const published = pages.flatMap(({ data }) => data).filter(({ state }) => state === "published");
          if (published.length === 0) {
            return (
              <Empty title="No published tasks yet">
                A task must be published before anyone can take it.
              </Empty>
            );
          }
          return (
            <>
              <fieldset
                aria-describedby={error ? "task-error" : undefined}
                data-invalid={error ? "" : undefined}
              >
                <legend className="sr-only">Task</legend>
                <TaskCards tasks={published} />
              </fieldset>
              {error && (
                <p
                  id="task-error"
                  role="alert"
                  className="mt-2 flex items-center gap-1.5 text-danger text-sm"
                >
                  <CircleAlert aria-hidden className="size-4" /> {error}
                </p>
              )}
              {tasks.hasNextPage && <LoadMore query={tasks} shown={published.length} what="task" />}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

function TaskCards({ tasks }: { tasks: TaskSummary[] }) {
  const { register, watch, setValue } = useFormContext<CreateForm>();
  const chosen = watch("task_id");

  // A link from a task's page brings the choice along; a single task needs no choosing.
  useEffect(() => {
    if (chosen) return;
    const wanted = here().query.get("task");
    const given = tasks.find(({ id }) => id === wanted) ?? (tasks.length === 1 ? tasks[0] : undefined);
    if (given) setValue("task_id", given.id);
  }, [chosen, tasks, setValue]);

  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      {tasks.map((task) => (
        <div
          key={task.id}
          className="relative flex flex-col gap-2 rounded-lg border border-line bg-raised p-4 hover:border-line-strong has-checked:border-accent has-checked:bg-accent-soft has-checked:ring-1 has-checked:ring-accent has-focus-visible:outline-2 has-focus-visible:outline-focus"
        >
          <div className="flex items-start gap-2.5">
            <input
              {...register("task_id", { required: "Choose a task." })}
              type="radio"
              id={`task-${task.id}`}
              value={task.id}
              aria-describedby={`task-${task.id}-about`}
              className="mt-1 accent-accent outline-none"
            />
            <label
              htmlFor={`task-${task.id}`}
              className="line-clamp-2 cursor-pointer font-medium after:absolute after:inset-0"
            >
              {task.title}
            </label>
          </div>
          <div id={`task-${task.id}-about`} className="flex flex-1 flex-col gap-3">
            <p className="line-clamp-3 text-muted text-sm">{task.summary}</p>
            <TaskTraits task={task} className="mt-auto" />
          </div>
          <a
            href={href(`/tasks/${task.id}`)}
            target="_blank"
            rel="noreferrer"
            className="relative self-start rounded-sm text-accent-ink text-xs underline"
          >
            Read the brief<span className="sr-only"> of {task.title}, in a new tab</span>
          </a>
        </div>
      ))}
    </div>
  );
}
