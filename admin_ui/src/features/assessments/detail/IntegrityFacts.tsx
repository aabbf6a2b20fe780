// What the browser reported about the session, with what each fact proves and what it does not.
import type { AssessmentDetail } from "@/api/report";
import { count, percent } from "@/format/format";
import { href } from "@/router/router";
import { Section } from "@/ui/layout";
import { words } from "@/words";

export function IntegrityFacts({ assessment }: { assessment: AssessmentDetail }) {
  const facts = assessment.integrity;
  const rows = [
    {
      name: "Left the tab",
      value: count(facts.tab_switch_count),
      unit: facts.tab_switch_count === 1 ? "time" : "times",
      proves: "The page was hidden, behind another tab or minimised.",
      not: "Not where to: reading the language’s documentation looks the same as asking a friend.",
    },
    {
      name: "Had the focus",
      value: percent(facts.browser_focus_ratio),
      unit: "of the time",
      proves: "For how much of the session the page was in front.",
      not: "Not that somebody looked at it, and not who.",
    },
    {
      name: "Pasted",
      value: count(facts.pastes),
      unit: facts.pastes === 1 ? "time" : "times",
      proves: "Text came from the clipboard, into the code or a prompt.",
      not: "Not from where: people move their own code this way too. The timeline tells when it came from the assistant.",
    },
  ];
  const aside = [
    !assessment.proctored &&
      "This assessment is not proctored: focus and tab switches were not recorded, and the candidate was told so.",
    facts.takeovers > 0 &&
      `The candidate went on in another window ${facts.takeovers === 1 ? "once" : `${count(facts.takeovers)} times`}; only one can write at a time.`,
    facts.submitted_by === "deadline" && "The time ran out, and the work was submitted as it then was.",
  ].filter(Boolean);
  return (
    <Section
      title="Integrity facts"
      description={`Facts, never verdicts. ${words.forged}`}
      actions={
        <a
          href={href(`/assessments/${assessment.id}/timeline`, { show: "integrity" })}
          className="rounded-sm text-accent-ink text-sm hover:underline"
        >
          See them in the timeline
        </a>
      }
    >
      <dl className="grid gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-3">
        {rows.map((row) => (
          <div key={row.name} className="flex flex-col gap-1 bg-raised p-4">
            <dt className="text-muted text-sm">{row.name}</dt>
            <dd>
              <span className="font-semibold text-xl tabular-nums">{row.value}</span>{" "}
              <span className="text-muted text-sm">{row.unit}</span>
              <p className="mt-2 text-sm">{row.proves}</p>
              <p className="mt-1 text-muted text-xs">{row.not}</p>
            </dd>
          </div>
        ))}
      </dl>
      {aside.map((sentence) => (
        <p key={String(sentence)} className="mt-2 text-muted text-sm">
          {sentence}
        </p>
      ))}
    </Section>
  );
}
