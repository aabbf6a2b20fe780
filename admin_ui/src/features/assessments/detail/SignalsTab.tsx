// Every signal of the score, grouped, each with what it means and the moments it comes from.
import { useState } from "react";
import { setQuery, useLocation } from "@/router/router";
import { Section } from "@/ui/layout";
import { SearchField, Segments } from "@/ui/list-tools";
import { Empty } from "@/ui/states";
import type { TabProps } from "./AssessmentPage";
import { JudgeNotes } from "./JudgeNotes";
import { NoResultYet } from "./NoResultYet";
import { SignalRow } from "./SignalRow";
import { grouped } from "./signal-groups";

const SHOW = [
  { value: "", label: "All" },
  { value: "flagged", label: "Flagged" },
  { value: "judged", label: "Judged" },
  { value: "measured", label: "Measured" },
  { value: "none", label: "Without a value" },
];

export default function SignalsTab({ assessment }: TabProps) {
  const { query } = useLocation();
  const [text, setText] = useState("");
  const show = query.get("show") ?? "";
  const { result } = assessment;
  if (!result) return <NoResultYet assessment={assessment} what="signals" />;

  if (result.signals.length === 0)
    return <Empty title="No signals">No evaluator answered for this score.</Empty>;

  const shown = result.signals.filter((signal) => {
    if (show === "flagged" && !signal.flag && !signal.contradicted) return false;
    if ((show === "judged" || show === "measured") && signal.kind !== show) return false;
    if (show === "none" && signal.value !== null) return false;
    return `${signal.title} ${signal.name}`.toLowerCase().includes(text.toLowerCase());
  });

  return (
    <>
      <div className="mb-6 flex flex-wrap items-center gap-3">
        <SearchField label="Find a signal" value={text} onSearch={setText} />
        <Segments
          label="Which signals"
          value={show}
          options={SHOW}
          onChange={(value) => setQuery({ show: value })}
        />
      </div>
      {shown.length === 0 && <Empty title="No signal fits" />}
      <div className="flex flex-col gap-10">
        {grouped(shown).map((group) => (
          <Section key={group.title} title={group.title}>
            <ul className="rounded-lg border border-line bg-raised">
              {group.signals.map((signal) => (
                <SignalRow
                  key={signal.name}
                  signal={signal}
                  assessmentId={assessment.id}
                  target={signal.name === query.get("signal")}
                />
              ))}
            </ul>
          </Section>
        ))}
      </div>
      <JudgeNotes evaluators={assessment.scoring.evaluators} cost={assessment.cost.judge} />
    </>
  );
}
