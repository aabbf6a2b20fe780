// Under which conditions: time, expiry, what the score weighs, and whether the session is proctored.
import { useQuery } from "@tanstack/react-query";
import { useFormContext } from "react-hook-form";
import { taskDetail, weightPresets } from "@/features/tasks/queries";
import { WeightsView } from "@/features/tasks/WeightsView";
import { Checkbox, Field, Select, TextInput } from "@/ui/Field";
import { Section } from "@/ui/layout";
import { Loaded } from "@/ui/states";
import { type CreateForm, LIMITS, wholeNumberBetween } from "./form";

export function ConditionFields() {
  const { register, watch, formState } = useFormContext<CreateForm>();
  const { errors } = formState;
  const taskId = watch("task_id");
  // A group of radio buttons without a choice is null to the form library, whatever its default was.
  const task = useQuery({ ...taskDetail(taskId), enabled: Boolean(taskId) });

  return (
    <Section title="Conditions">
      <div className="grid gap-x-8 gap-y-6 lg:grid-cols-2">
        <div className="flex flex-col gap-4">
          <div className="grid gap-4 sm:grid-cols-2">
            <Field
              label="Time, in minutes"
              hint={
                task.data
                  ? `Empty: the task’s own ${task.data.duration_minutes} minutes`
                  : "Empty: the task’s own"
              }
              error={errors.duration_minutes?.message}
            >
              {(control) => (
                <TextInput
                  {...control}
                  {...register("duration_minutes", { validate: wholeNumberBetween(LIMITS.duration) })}
                  inputMode="numeric"
                  placeholder={task.data ? String(task.data.duration_minutes) : ""}
                />
              )}
            </Field>
            <Field
              label="Invitation ends after, in days"
              hint="Empty: as this deployment has it. Once started, only the time above counts"
              error={errors.expires_in_days?.message}
            >
              {(control) => (
                <TextInput
                  {...control}
                  {...register("expires_in_days", { validate: wholeNumberBetween(LIMITS.expiry) })}
                  inputMode="numeric"
                  placeholder="As usual"
                />
              )}
            </Field>
          </div>
          <Checkbox
            {...register("proctored")}
            label="Proctored"
            hint="The candidate is asked to work in full view. What the browser then reports is kept as facts, never as a verdict."
          />
          <Checkbox
            {...register("send_invitation")}
            label="Mail the invitation"
            hint="TALI sends the link to the candidate at once. Without it, you send the link yourself."
          />
        </div>
        <WeightsChoice taskWeights={task.data?.weights} />
      </div>
    </Section>
  );
}

function WeightsChoice({ taskWeights }: { taskWeights: Record<string, number> | undefined }) {
  const presets = useQuery(weightPresets());
  const { register, watch, formState } = useFormContext<CreateForm>();
  const chosen = watch("preset");
  return (
    <Loaded query={presets} errorTitle="The weights could not be loaded">
      {({ presets, components }) => {
        const preset = presets.find(({ name }) => name === chosen);
        const weights = preset?.weights ?? taskWeights;
        return (
          <div className="flex flex-col gap-4">
            <Field
              label="What the score weighs"
              hint={preset?.description ?? "The weights that the task was published with."}
              error={formState.errors.preset?.message}
            >
              {(control) => (
                <Select {...control} {...register("preset")}>
                  <option value="">As the task says</option>
                  {presets.map(({ name, title }) => (
                    <option key={name} value={name}>
                      {title}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            {weights ? (
              <WeightsView weights={weights} components={components} />
            ) : (
              <p className="text-muted text-sm">Choose a task to see its weights.</p>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}
