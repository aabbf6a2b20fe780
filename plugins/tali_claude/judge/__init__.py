"""Claude as the judge of a session: packed, asked about once, and read against the text that it was shown."""

from __future__ import annotations

from tali.sdk import Judge, Judgement, SessionRecord

__all__ = ["analyze_prompt_session"]


def analyze_prompt_session(record: SessionRecord, judge: Judge) -> Judgement:
    """Judge one session: one request to the model, then what of its answer holds.

    Core does the two steps apart, and keeps the answer in between. Raises as `Judge.ask` and `Judge.read`.
    """
    return judge.read(record, judge.ask(record))
