"""Numbers and reasons in words, so that nobody has to read a slug."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REASONS = {
    "calibration_off": "Calibration is switched off for this assessment.",
    "no_calibration": "The candidate did no calibration.",
    "calibration_waits": "It was not judged yet.",
    "no_prompts": "There was no message to the assistant to look at.",
    "one_prompt": "There was only one message to the assistant, and this needs two or more.",
    "too_few_prompts": "There were too few messages to the assistant to compare.",
    "no_tests": "There were no test results to look at.",
    "no_edits": "There were no edits to look at.",
    "no_changes": "The candidate changed no file that can be analysed.",
    "no_runs": "Nothing was run.",
    "no_evidence": "The evidence given for it is not in the session, so the value was dropped.",
    "out_of_scale": "The value given for it is outside 0 to 10, so it was dropped.",
    "too_little_quoted": "Too little of the session was quoted for it, so the value was dropped.",
    "not_answered": "The judge's answer says nothing of it.",
    "no_tokens": "The assistant counts no tokens.",
    "no_reply_used": "No reply of the assistant was used in the code.",
    "no_code_written": "The candidate wrote no code.",
    "no_assistant_code": "No code came from the assistant.",
    "no_replies": "The assistant gave no reply.",
    "not_proctored": "This assessment is not proctored, so nobody watched it.",
    "not_observed": "Nothing in the session shows it.",
    "none_found": "Nothing of the kind was found.",
    "not_judged": "Nobody judged it: no evaluator that judges is set up.",
    "evaluator_failed": "The evaluator gave no answer; the scoring of this assessment says why.",
    "nothing_works": "No hidden test passes: how tidy code is counts once some of it works.",
    "no_analyser": "There is no analyser for this language.",
    "analysis_failed": "The analyser did not come to an end.",
    "grading_failed": "The hidden tests could not be run.",
    "provider_not_configured": "The evaluator is not set up.",
}


def reason_text(reason: str | None) -> str | None:
    """A reason as a sentence; an unknown slug (a plugin's own) is shown readable."""
    if reason is None:
        return None
    return REASONS.get(reason, reason.replace("_", " ").capitalize() + ".")


def duration_text(milliseconds: float) -> str:
    """A span of time as people say it: `850 ms`, `12 s`, `1 min 12 s`, `2 h 5 min`."""
    if milliseconds < 1000:
        return f"{round(milliseconds)} ms"
    seconds = round(milliseconds / 1000)
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def value_text(value: float | None, declared: Mapping[str, Any]) -> str:
    """A signal's value with its unit; `--` where there is none."""
    if value is None:
        return "--"
    match declared.get("display"):
        case "duration_ms":
            return duration_text(value)
        case "duration_s":
            return duration_text(value * 1000)
        case "ratio":
            return f"{value * 100:.0f}%"
        case "score":
            return f"{value:.1f} of 10"
        case "count" | "flags":
            number = f"{value:.0f}"
        case _:
            number = f"{value:.0f}" if value == int(value) else f"{value:.2f}".rstrip("0").rstrip(".")
    unit = declared.get("unit") or ""
    return f"{number} {unit}".strip()


def coverage_note(coverage: float) -> str:
    """What the share of covered weight means, for somebody who decides."""
    share = round(coverage * 100)
    if share >= 100:
        return "Every weighted component has a value."
    if share == 0:
        return "No weighted component has a value, so there is no score."
    return (
        f"This score covers {share}% of the weight. The other {100 - share}% could not be measured or judged; "
        "compare it only with scores of the same coverage."
    )
