"""Real people's sessions from the RealHumanEval study, as session records with what the data has.

The data has messages, replies and times: no start, edits, runs, tests or token counts, and no final code. The code in
the latest reply stands for the code that somebody had; signals that need more are null, with their reason, and the time
to the first prompt means nothing.
"""

from __future__ import annotations

import ast
import csv
import os
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from tali.sdk import Edit, Prompt, RunRecord, SessionRecord, TaskFacts
from tali.sdk.text import utf16_length

FOLDER = Path(os.environ.get("TALI_REAL_SESSIONS", Path(__file__).parents[2] / "shared" / "data" / "realhumaneval"))
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_CODE = re.compile(r"```\w*\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class RealSessions:
    """All sessions by name, one programmer on one task; `skipped` counts turns without a message of theirs."""

    records: dict[str, SessionRecord]
    skipped: int


def available() -> bool:
    """Whether the data is on this machine."""
    return (FOLDER / "chat_sessions.csv").is_file()


def load() -> RealSessions:
    """Read all of them. A session whose turns were all skipped has no prompts."""
    csv.field_size_limit(10**8)
    turns: dict[tuple[str, str], list[tuple[float, str, str]]] = defaultdict(list)
    skipped = 0
    for row in _rows("chat_sessions.csv"):
        session = turns[row["programmer_id"], row["task_name"]]
        messages = [message for message in ast.literal_eval(row["request"]) if message.get("role") == "user"]
        if messages:
            session.append((float(row["timestamp"]), messages[-1]["content"], row["response"]))
        else:
            skipped += 1
    tasks = {row["name"]: row for row in _rows("tasks.csv")}
    records = {}
    for number, ((programmer, task), session) in enumerate(turns.items(), 1):
        about = tasks.get(task, {"task_description": "", "function_signature": ""})
        facts = TaskFacts(
            task, about["task_description"], ["python"], {"a.py": about["function_signature"]}, duration_seconds=1800
        )
        records[f"{programmer}/{task}"] = _record(number, facts, sorted(session))
    return RealSessions(records, skipped)


def _rows(name: str) -> Sequence[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _record(number: int, task: TaskFacts, turns: Sequence[tuple[float, str, str]]) -> SessionRecord:
    began = turns[0][0] if turns else 0.0
    starter = task.starter_files["a.py"]
    code = [starter]
    for _, _, reply in turns:
        code.append("\n".join(_CODE.findall(reply)) or code[-1])
    prompts = [
        Prompt(
            index=index,
            turn_id=UUID(int=1000 * number + index),
            message=message,
            response=reply,
            timestamp=START + timedelta(seconds=30 + when - began),
            input_tokens=None,
            output_tokens=None,
            response_latency_ms=None,
            code_before={"a.py": code[index]},
            code_after={"a.py": code[index + 1]},
            word_count=len(message.split()),
            char_count=len(message),
            time_since_last_prompt_ms=None,
            paste_detected=False,
            browser_focused=True,
        )
        for index, (when, message, reply) in enumerate(turns)
    ]
    ended = prompts[-1].timestamp + timedelta(seconds=60) if prompts else START + timedelta(seconds=60)
    return SessionRecord(UUID(int=number), task, START, ended, {"a.py": code[-1]}, prompts)


def applied(record: SessionRecord) -> SessionRecord:
    """The same session as if each reply's code had been taken over whole, and every second one run.

    For what needs edits and runs to say anything: it shows that real text breaks nothing, and is no fact about people.
    """
    edits = [
        Edit(
            prompt.index + 1,
            prompt.timestamp + timedelta(seconds=1),
            "edit",
            "a.py",
            0,
            utf16_length(prompt.code_before["a.py"]),
            prompt.code_after["a.py"],
            "assistant_apply",
        )
        for prompt in record.prompts
        if prompt.code_after is not None and prompt.code_before != prompt.code_after
    ]
    runs = [
        RunRecord(UUID(int=prompt.index + 1), prompt.timestamp + timedelta(seconds=2), "run", "done", 0)
        for prompt in record.prompts[::2]
    ]
    return replace(record, edits=edits, runs=runs)
