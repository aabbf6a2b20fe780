// Who is invited: somebody new by name and e-mail, or somebody known, found by search.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useDeferredValue, useEffect, useId, useState } from "react";
import { useFormContext } from "react-hook-form";
import type { Candidate } from "@/api/types";
import { candidateSearch } from "@/features/candidates/queries";
import { here } from "@/router/router";
import { IconButton } from "@/ui/Button";
import { Field, TextInput } from "@/ui/Field";
import { Section } from "@/ui/layout";
import { PersonFields } from "@/ui/PersonFields";
import type { CreateForm } from "./form";

export function CandidateFields() {
  const { register, watch, setValue } = useFormContext<CreateForm>();

  // A link from the list of candidates says for whom this is.
  useEffect(() => {
    if (here().query.get("candidate")) setValue("who", "existing");
  }, [setValue]);

  return (
    <Section title="Candidate">
      <fieldset className="mb-4 flex gap-5 text-sm">
        <legend className="sr-only">Who is invited</legend>
        {(["new", "existing"] as const).map((who) => (
          <label key={who} className="flex items-center gap-2">
            <input {...register("who")} type="radio" value={who} className="accent-accent" />
            {who === "new" ? "Somebody new" : "Somebody already here"}
          </label>
        ))}
      </fieldset>
      {watch("who") === "new" ? (
        <div className="grid max-w-2xl gap-4 sm:grid-cols-2">
          <PersonFields whose="candidate" nameLength={200} />
        </div>
      ) : (
        <CandidatePicker />
      )}
    </Section>
  );
}

function CandidatePicker() {
  const { register, watch, setValue, formState, clearErrors } = useFormContext<CreateForm>();
  const [text, setText] = useState(here().query.get("candidate") ?? "");
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({ ...candidateSearch(wanted), placeholderData: keepPreviousData });
  const chosen = watch("candidate");
  const [active, setActive] = useState(0);
  const listId = useId();
  const matches = found.data?.data ?? [];

  const choose = (candidate: Candidate | null) => {
    setValue("candidate", candidate);
    clearErrors("candidate");
  };

  const error = formState.errors.candidate?.message;
  // Registered without a control of its own: the list below is what sets it.
  register("candidate", { validate: (value) => value !== null || "Choose a candidate from the list." });

  if (chosen) {
    return (
      <div className="flex max-w-md items-center gap-3 rounded-lg border border-line bg-raised py-1.5 pr-1.5 pl-4">
        <CandidateLine candidate={chosen} />
        <IconButton label="Choose somebody else" className="ml-auto" onClick={() => choose(null)}>
          <X aria-hidden />
        </IconButton>
      </div>
    );
  }

  const keys = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const picked = matches[active];
    if (step && matches.length > 0) setActive((active + step + matches.length) % matches.length);
    else if (event.key === "Enter" && picked) choose(picked);
    else return;
    // Enter would otherwise send the form.
    event.preventDefault();
  };

  return (
    <div className="max-w-md">
      <Field label="Search by name or e-mail" error={error}>
        {(control) => (
          <TextInput
            {...control}
            role="combobox"
            aria-expanded
            aria-controls={listId}
            aria-activedescendant={matches[active] ? `${listId}-${active}` : undefined}
            autoComplete="off"
            value={text}
            maxLength={200}
            onChange={(event) => {
              setText(event.target.value);
              setActive(0);
            }}
            onKeyDown={keys}
          />
        )}
      </Field>
      <div
        id={listId}
        role="listbox"
        aria-label="Candidates"
        className="mt-2 max-h-64 overflow-y-auto rounded-lg border border-line empty:hidden"
      >
        {matches.map((candidate, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the combobox keeps the focus and points here.
          // biome-ignore lint/a11y/useKeyWithClickEvents: as above, it also takes the keys.
          <div
            key={candidate.id}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === active}
            onClick={() => choose(candidate)}
            className="cursor-pointer px-4 py-2 hover:bg-hover aria-selected:bg-hover"
          >
            <CandidateLine candidate={candidate} />
          </div>
        ))}
      </div>
      <p role="status" className="mt-2 text-muted text-sm">
        {found.error
          ? "The search did not work. Try again."
          : searchNote(found.isPending, matches.length, wanted)}
      </p>
    </div>
  );
}

function searchNote(pending: boolean, count: number, wanted: string) {
  if (pending) return "Searching…";
  if (count > 0) return "";
  return wanted ? "Nobody fits. Choose “Somebody new” to add them." : "No candidates yet.";
}

function CandidateLine({ candidate }: { candidate: Candidate }) {
  return (
    <div className="min-w-0">
      <p className="truncate font-medium text-sm">{candidate.full_name}</p>
      <p className="truncate text-muted text-xs">{candidate.email}</p>
    </div>
  );
}
