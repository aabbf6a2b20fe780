"""The rubric: what is judged, and what a 2, a 5, an 8 and a 10 mean. Model and recruiter read the same words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tali.sdk import Signal

RUBRIC_VERSION = "1"
"""Raised with every change of a word below: values by two rubrics are not compared."""

Proof = Literal["message", "code", "any"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One judged signal.

    Args:
        looks_at: what the model is told to look at, and what it must not count.
        proof: where at least one quote has to come from. What somebody writes is proven by what they wrote, never by
            a reply.
        least_prompts: with fewer, there is nothing to judge, for the reason `too_few`.
    """

    name: str
    title: str
    looks_at: str
    at_2: str
    at_5: str
    at_8: str
    at_10: str
    proof: Proof = "message"
    component: str | None = None
    least_prompts: int = 1
    too_few: str = "no_prompts"

    @property
    def anchors(self) -> Sequence[tuple[int, str]]:
        return ((2, self.at_2), (5, self.at_5), (8, self.at_8), (10, self.at_10))

    def signal(self) -> Signal:
        """The declaration, for core and for people."""
        return Signal(
            name=self.name,
            title=self.title,
            kind="judged",
            help=f"{self.looks_at} Judged by a model from 0 to 10, with quotes; an opinion with evidence.",
            direction="higher",
            range=(0, 10),
            display="score",
            component=self.component,
            anchors=self.anchors,
        )


ENTRIES: Sequence[Entry] = (
    Entry(
        name="prompt_clarity",
        title="Clarity of prompts",
        component="prompt_quality",
        looks_at="Whether the messages are specific, structured and unambiguous, at whatever length.",
        at_2="Most messages leave open what is wanted; a colleague would have to ask back each time.",
        at_5="The aim is clear from most messages, but constraints or context have to be guessed.",
        at_8="Nearly every message says what is wanted and within which limits; little could be misread.",
        at_10="Every message can be acted on as it stands; longer ones are ordered so that nothing gets lost.",
    ),
    Entry(
        name="prompt_specificity",
        title="Specificity of prompts",
        component="prompt_quality",
        looks_at="Whether messages cite what they are about: functions, lines, error messages, requirements.",
        at_2='Messages point at nothing ("it does not work", "fix this").',
        at_5="Some messages name a function, an error or a requirement; others leave the place to be found.",
        at_8="Most messages name the place, the observed and the expected behaviour.",
        at_10="Each message brings exactly the facts that the answer needs: line, error text, input, requirement.",
    ),
    Entry(
        name="prompt_efficiency",
        title="Efficiency of prompts",
        component="prompt_efficiency",
        looks_at="Whether each message asks for the right amount of help: neither the whole task nor what a glance "
        "would tell. The number of messages counts neither way.",
        at_2="Asks for the whole solution at once, or for trifles one after the other, or the same thing again.",
        at_5="Scope fits about half of the time; some messages are repeated with little changed.",
        at_8="Most messages ask for a piece that can be checked, and move the work on.",
        at_10="Every message asks for the one thing that stands between the candidate and the next step.",
    ),
    Entry(
        name="design_thinking",
        title="Design thinking",
        component="design_thinking",
        proof="any",
        looks_at="Whether structure, trade-offs and consequences are weighed, in messages or in the candidate's code.",
        at_2="Takes the first structure that comes, even where it visibly does not fit.",
        at_5="Names an alternative or a limit here and there, without deciding by it.",
        at_8="Weighs alternatives by what the task needs, and the code follows the decision.",
        at_10="Decides interfaces, failure cases and limits on purpose, says why, and keeps the design coherent.",
    ),
    Entry(
        name="debugging_strategy",
        title="Debugging strategy",
        component="debugging_strategy",
        proof="any",
        looks_at="How a fault is hunted: hypothesis, isolation, verification. Without a fault, nothing is judged.",
        at_2="Pastes errors and tries what comes back, without looking at the cause.",
        at_5="Reads errors and narrows the place down, but changes several things at once or does not verify.",
        at_8="States a cause, checks it with a run or a smaller case, and verifies the repair.",
        at_10="Isolates by deliberate experiments, rules alternatives out, and guards against the fault's return.",
    ),
    Entry(
        name="prompt_progression",
        title="Progression of prompts",
        component="prompt_quality",
        least_prompts=2,
        too_few="one_prompt",
        looks_at="Whether messages build on each other and on what was learned in between.",
        at_2="Messages repeat each other or jump; earlier answers leave no trace.",
        at_5="Some follow from the answer before; others begin anew.",
        at_8="Most take up the result of the one before and narrow or extend it.",
        at_10="The messages read as one line of thought, from understanding to verification.",
    ),
    Entry(
        name="independence",
        title="Independence",
        component="independence",
        proof="any",
        looks_at="Whether the candidate attempts things before asking: own code changes and runs between messages.",
        at_2="Nothing is attempted; the code is what the replies said.",
        at_5="Own attempts now and then, or small changes to what was taken over.",
        at_8="Usually tries first, brings the attempt along, and asks about what is left.",
        at_10="Leads the work: own attempts throughout, and the assistant serves chosen gaps.",
    ),
    Entry(
        name="written_communication",
        title="Written communication",
        component="written_communication",
        looks_at="Grammar, structure and tone of the candidate's own sentences, as a client would read them. Pasted "
        "text and code do not count, nor does the language that is written in.",
        at_2="Fragments that are hard to follow, or a tone that a client would take amiss.",
        at_5="Understandable, with slips or abruptness that a client would notice.",
        at_8="Well formed, courteous and to the point; slips are rare.",
        at_10="Could be sent to a client as it is: precise, well ordered, fitting in tone.",
    ),
    Entry(
        name="context_utilization",
        title="Use of replies",
        component="context_utilization",
        proof="any",
        looks_at="Whether what a reply said turns up, understood, in later code or messages.",
        at_2="Replies are ignored, or pasted without a sign that they were read.",
        at_5="The core of some replies is used; caveats and details are passed over.",
        at_8="Most of what was useful is adapted to the candidate's own code.",
        at_10="Replies are combined, adapted and followed up, caveats included.",
    ),
    Entry(
        name="error_recovery",
        title="Recovery from wrong replies",
        proof="any",
        looks_at="What happens after a reply that was wrong or did not fit. Without one there is nothing to judge.",
        at_2="A wrong reply is taken over and built upon.",
        at_5="The fault is noticed once something fails, and mended by asking again.",
        at_8="The fault is found by checking, and the correction says what was wrong.",
        at_10="Wrong replies are recognised before they do harm, and the cause is explained.",
    ),
    Entry(
        name="requirement_comprehension",
        title="Comprehension of requirements",
        looks_at="The first message that is about the task, held against the brief.",
        at_2="Misses what the brief asks for, or hands the brief over without reading it.",
        at_5="Sees the main requirement; edge cases and constraints are missing.",
        at_8="Takes up the main requirements and most constraints in own words.",
        at_10="Shows the whole of the brief understood, gaps and contradictions in it included.",
    ),
    Entry(
        name="learning_velocity",
        title="Learning within the session",
        least_prompts=4,
        too_few="too_few_prompts",
        looks_at="The first three messages against the last three: whether they ask better, and about further things.",
        at_2="The last messages repeat the faults of the first.",
        at_5="Some habits improve; others stay.",
        at_8="The last messages use what the first ones taught: better terms, better scope, fewer detours.",
        at_10="What was not known at first is used with ease, and carried over to new questions.",
    ),
)

FRAUD = Signal(
    name="prompt_fraud",
    title="Text that asks for a look",
    kind="judged",
    display="flags",
    help="Places where text seems to come from elsewhere, where a whole solution was dumped into a prompt, or where "
    "something tries to instruct whoever grades. Each carries a confidence; none changes the score.",
)

CALIBRATION = Entry(
    name="calibration_score",
    title="Calibration",
    looks_at="How somebody asks for one small, well-known thing: the request, its limits, and what follows the reply.",
    at_2="The request leaves open what is wanted, or nothing usable was asked.",
    at_5="A plain request that gets an answer; limits and checks are missing.",
    at_8="A clear request with language, input and output, or a follow-up that checks the reply.",
    at_10="Clear, bounded and checked: edge cases are asked for, and the reply is verified.",
)


def rubric_text(entries: Sequence[Entry] = ENTRIES) -> str:
    """The rubric as the model reads it."""
    return "\n\n".join(
        f"{entry.name}: {entry.looks_at}\n" + "\n".join(f"  {value}: {text}" for value, text in entry.anchors)
        for entry in entries
    )
