"""A candidate's session as evaluators see it: typed, whole, and with nobody's name but where they wrote it themselves.

Offsets are UTF-16 code units over text with LF line ends, as browsers' editors count; `tali.sdk.text` converts.
Times are aware and in UTC. Everything a browser reported can be forged: facts, never verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

HelpLevel = Literal["full", "guided", "questions_only"]
EditOrigin = Literal["typed", "paste", "assistant_insert", "assistant_apply", "undo", "completion", "format"]
EditOperation = Literal["edit", "create", "rename", "delete"]
Files = Mapping[str, str]
"""Path → content, relative to the workspace."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change, in the order in which the server applied it.

    Args:
        seq: position in the attempt's timeline, shared with `SessionEvent.seq`.
        operation: `edit` replaces `[start, end)` of `file` by `insert`; `rename` moves `file` to `new_file`.
    """

    seq: int
    at: datetime
    operation: EditOperation
    file: str
    start: int = 0
    end: int = 0
    insert: str = ""
    origin: EditOrigin = "typed"
    new_file: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """One message to the assistant and its reply, with the thirteen captured facts.

    `time_since_last_prompt_ms` is the client's; `server_gap_ms` is ours, from the previous prompt (or from the start).
    `code_before` and `code_after` hold the files that changed hands with it: what was open when it was sent, and the
    same workspace when the next prompt was sent or the work submitted (None: neither has happened).
    """

    index: int
    turn_id: UUID
    message: str
    response: str
    timestamp: datetime
    input_tokens: int | None
    output_tokens: int | None
    response_latency_ms: int | None
    code_before: Files
    code_after: Files | None
    word_count: int
    char_count: int
    time_since_last_prompt_ms: int | None
    paste_detected: bool
    browser_focused: bool
    server_gap_ms: int | None = None
    state: str = "done"


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test's outcome. `duration_ms` is None where the report did not say."""

    __test__ = False

    name: str
    passed: bool
    message: str = ""
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What the hidden tests said. `total` counts the expected tests, also those that never ran."""

    __test__ = False

    state: Literal["passed", "failed", "error"]
    passed: int
    total: int
    results: Sequence[TestResult] = ()


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run that the candidate started. `tests` is None for a plain run."""

    execution_id: UUID
    at: datetime
    kind: Literal["run", "test"]
    state: str
    exit_code: int | None
    tests: Sequence[TestResult] | None = None


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """A fact from the timeline that is neither edit, prompt nor run.

    Kinds: `focus` (`state`: focused | blurred; `where`: host_page | other_app | tab_hidden | unknown), `tab_switch`,
    `paste` (`where`: prompt | editor; `chars`; `from_assistant`), `copy`, `submit`.
    """

    seq: int
    at: datetime
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """The exercise as the candidate saw it; never its hidden tests or reference."""

    title: str
    brief: str
    languages: Sequence[str]
    starter_files: Files
    duration_seconds: int


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """Everything an evaluator may look at.

    `help_level` is how far the assistant was allowed to help; `assistant` is which one it was, and `assistant_is_ai`
    says whether a model answered or something simpler.
    """

    attempt_id: UUID
    task: TaskFacts
    started_at: datetime
    submitted_at: datetime
    final_files: Files
    prompts: Sequence[Prompt] = ()
    edits: Sequence[Edit] = ()
    runs: Sequence[RunRecord] = ()
    events: Sequence[SessionEvent] = ()
    tests: TestOutcome | None = None
    proctored: bool = False
    help_level: HelpLevel = "full"
    assistant: str = ""
    assistant_is_ai: bool = True
