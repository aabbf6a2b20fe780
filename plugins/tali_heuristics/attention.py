"""Where the candidate's attention was, as far as a browser can tell (and it can be made to lie: facts, no verdicts)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tali.sdk import Evidence, Flag, SessionEvent, SessionRecord, Signal, SignalResult
from tali_heuristics.evidence import first_few, of_event
from tali_heuristics.pauses import working_seconds

_UNSURE = "Looking something up elsewhere is normal work, and browsers can be made to report anything."

SIGNALS = (
    Signal(
        name="browser_focus_ratio",
        title="Time in the editor's window",
        kind="measured",
        display="ratio",
        range=(0, 1),
        help=f"Share of the session during which the window had the focus. {_UNSURE}",
    ),
    Signal(
        name="tab_switch_count",
        title="Tab switches",
        kind="measured",
        display="count",
        help=f"How often another tab was brought to the front. {_UNSURE}",
    ),
)


def measure(record: SessionRecord, tab_switch_limit: int) -> Sequence[SignalResult]:
    """Both attention signals; null where nobody agreed to have it watched."""
    if not record.proctored:
        return tuple(SignalResult(signal.name, None, "not_proctored") for signal in SIGNALS)
    watched = sorted(
        (event for event in record.events if event.kind in ("focus", "tab_switch", "pause")),
        key=lambda event: (event.at, event.seq),
    )
    focus = [event for event in watched if event.kind != "tab_switch"]
    switches = [event for event in watched if event.kind == "tab_switch"]
    return (
        _focus_ratio(record, focus),
        SignalResult(
            "tab_switch_count",
            len(switches),
            flag=_flag(len(switches), tab_switch_limit),
            evidence=first_few(of_event(switch.seq) for switch in switches),
        ),
    )


def _flag(switches: int, limit: int) -> Flag | None:
    if switches <= limit:
        return None
    return Flag(
        "many_tab_switches",
        f"Another tab was brought to the front {switches} times, and a flag asks for a look at more than {limit}. "
        f"It changes no score and rejects nobody. {_UNSURE}",
    )


def _focus_ratio(record: SessionRecord, focus: Sequence[SessionEvent]) -> SignalResult:
    """Absences run from a loss of focus to its return, a pause or the submission; before the first event there was
    focus, and so there is after a pause: what the browser says in between is not kept.
    """
    length = working_seconds(record, record.started_at, record.submitted_at)
    if length <= 0:
        return SignalResult("browser_focus_ratio", None, "not_observed")
    absences: list[tuple[float, SessionEvent]] = []
    left: SessionEvent | None = None
    for event in focus:
        if event.kind == "focus" and event.data.get("state") == "blurred":
            left = left or event
        elif left is not None:
            absences.append((_seconds(record, left, event), left))
            left = None
    if left is not None:
        absences.append((_seconds(record, left, None), left))
    away: defaultdict[str, float] = defaultdict(float)
    for seconds, event in absences:
        where = str(event.data.get("where", "unknown"))
        away[where if where in ("host_page", "other_app", "tab_hidden") else "unknown"] += seconds
    absences.sort(key=lambda absence: -absence[0])
    evidence: tuple[Evidence, ...] = first_few(of_event(event.seq, f"away for {round(s)} s") for s, event in absences)
    ratio = 1 - sum(away.values()) / length
    return SignalResult(
        "browser_focus_ratio",
        round(min(1.0, max(0.0, ratio)), 4),
        evidence=evidence,
        detail={
            "absences": len(absences),
            "seconds_away": {where: round(seconds, 1) for where, seconds in sorted(away.items())},
        },
    )


def _seconds(record: SessionRecord, left: SessionEvent, back: SessionEvent | None) -> float:
    start = max(left.at, record.started_at)
    end = min(record.submitted_at if back is None else back.at, record.submitted_at)
    return working_seconds(record, start, end)
