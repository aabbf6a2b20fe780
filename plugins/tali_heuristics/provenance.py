"""What only the origin of each edit can tell: was assistant code checked, how much is there, what became of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import timedelta

from tali.sdk import Edit, SessionEvent, SessionRecord, Signal, SignalResult
from tali_heuristics.evidence import first_few, of_event
from tali_heuristics.replay import AssistantEdit, Provenance, replay

SIGNALS = (
    Signal(
        name="verification_rate",
        title="Assistant code that was checked",
        kind="measured",
        display="ratio",
        direction="higher",
        range=(0, 1),
        help="Share of the assistant's code that was run or tested before the next prompt or the submission. Reading "
        "it carefully is a check too, and cannot be seen.",
    ),
    Signal(
        name="assistant_share",
        title="Code from the assistant",
        kind="measured",
        display="ratio",
        range=(0, 1),
        help="Of the final code that was not given at the start, the share whose characters came from the assistant. "
        "It says who typed, not who understood.",
    ),
    Signal(
        name="edit_survival",
        title="Assistant code kept to the end",
        kind="measured",
        display="ratio",
        range=(0, 1),
        help="Share of the assistant's characters that are still in the final code. Low can mean poor replies, or a "
        "candidate who reworks good ones.",
    ),
)

_ORIGINS = ("assistant_insert", "assistant_apply")
_SAME_PASTE = timedelta(seconds=5)
_TELLING_CHARACTERS = 20
_LOOKED_UP_PASTES = 200


def measure(record: SessionRecord) -> Sequence[SignalResult]:
    """The three signals of origin, from one replay."""
    if not record.edits:
        return tuple(SignalResult(signal.name, None, "no_edits") for signal in SIGNALS)
    edits = sorted(record.edits, key=lambda edit: edit.seq)
    found = replay(record.task.starter_files, edits, record.final_files, _from_assistant(record, edits))
    return (_verification(record, found), _share(found), _survival(found))


def _from_assistant(record: SessionRecord, edits: Sequence[Edit]) -> frozenset[int]:
    """The edits whose text is the assistant's: those marked so, and pastes of what it wrote."""
    marked = {edit.seq for edit in edits if edit.origin in _ORIGINS}
    pastes = [edit for edit in edits if edit.origin == "paste" and edit.insert]
    claims = [
        event
        for event in record.events
        if event.kind == "paste" and event.data.get("where") == "editor" and event.data.get("from_assistant") is True
    ]
    looked_up = 0
    replies = _Replies(record)
    for edit in pastes:
        claim = next((event for event in claims if _same(event, edit)), None)
        if claim is not None:
            claims.remove(claim)
            marked.add(edit.seq)
        elif looked_up < _LOOKED_UP_PASTES and len(edit.insert.strip()) >= _TELLING_CHARACTERS:
            looked_up += 1
            if replies.held(edit.insert.strip(), edit):
                marked.add(edit.seq)
    return frozenset(marked)


def _same(event: SessionEvent, edit: Edit) -> bool:
    return abs(event.at - edit.at) <= _SAME_PASTE and event.data.get("chars") == len(edit.insert)


class _Replies:
    """The assistant's replies in order, to ask whether a text was in one by a certain time."""

    def __init__(self, record: SessionRecord) -> None:
        self._prompts = sorted(record.prompts, key=lambda prompt: prompt.timestamp)
        self._times = [prompt.timestamp for prompt in self._prompts]

    def held(self, text: str, edit: Edit) -> bool:
        # The latest replies first: that is where pasted text comes from.
        until = bisect_right(self._times, edit.at)
        return any(text in prompt.response for prompt in reversed(self._prompts[max(0, until - 50) : until]))


def _verification(record: SessionRecord, found: Provenance) -> SignalResult:
    brought = [piece for piece in found.assistant_edits if piece.inserted]
    if not brought:
        return SignalResult("verification_rate", None, "no_assistant_code")
    runs = sorted(run.at for run in record.runs)
    prompts = sorted(prompt.timestamp for prompt in record.prompts)
    unchecked: list[AssistantEdit] = []
    for piece in brought:
        following = bisect_right(prompts, piece.edit.at)
        until = prompts[following] if following < len(prompts) else record.submitted_at
        ran = bisect_left(runs, piece.edit.at)
        if ran == len(runs) or runs[ran] > until:
            unchecked.append(piece)
    total = sum(piece.inserted for piece in brought)
    missed = sum(piece.inserted for piece in unchecked)
    return SignalResult(
        "verification_rate",
        round(1 - missed / total, 4),
        evidence=first_few(
            of_event(piece.edit.seq, f"{piece.inserted} characters were not run before the next prompt")
            for piece in sorted(unchecked, key=lambda piece: -piece.inserted)
        )
        or (of_event(brought[0].edit.seq, "was run before the next prompt"),),
        detail={"edits": len(brought), "unchecked_edits": len(unchecked), "characters": total},
    )


def _share(found: Provenance) -> SignalResult:
    written = found.candidate + found.assistant
    detail = {
        "assistant_characters": found.assistant,
        "candidate_characters": found.candidate,
        "starter_characters": found.starter,
        "unplaced_edits": found.unplaced_edits,
    }
    if not written:
        return SignalResult("assistant_share", None, "no_code_written", detail=detail)
    largest = sorted(found.assistant_edits, key=lambda piece: -piece.surviving)
    evidence = first_few(
        of_event(piece.edit.seq, f"{piece.surviving} characters in {piece.edit.file}")
        for piece in largest
        if piece.surviving
    )
    return SignalResult("assistant_share", round(found.assistant / written, 4), evidence=evidence, detail=detail)


def _survival(found: Provenance) -> SignalResult:
    brought = [piece for piece in found.assistant_edits if piece.inserted]
    if not brought:
        return SignalResult("edit_survival", None, "no_assistant_code")
    inserted = sum(piece.inserted for piece in brought)
    surviving = sum(piece.surviving for piece in brought)
    lost = sorted(brought, key=lambda piece: piece.surviving - piece.inserted)
    return SignalResult(
        "edit_survival",
        round(surviving / inserted, 4),
        evidence=first_few(
            of_event(piece.edit.seq, f"{piece.surviving} of {piece.inserted} characters are left") for piece in lost
        ),
        detail={"inserted_characters": inserted, "surviving_characters": surviving, "edits": len(brought)},
    )
