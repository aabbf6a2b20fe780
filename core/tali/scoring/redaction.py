"""Taking people out of a session before a model sees it, and putting them back into what the model quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tali.assessments.names import NamePattern
from tali.candidates.models import Candidate
from tali.sdk import CalibrationRecord, Evidence, Exchange, Files, SessionRecord, SignalResult, TestResult

REDACTION_VERSION = "1"
"""Raised when the same session would be shown otherwise: an answer is read against the text that was sent."""
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
PLACEHOLDER = re.compile(r"\[(?:name|e-mail) \d{1,4}\]")


class Redaction:
    """One session's placeholders. The same words get the same placeholder, so that each stands for exactly one text."""

    def __init__(self, full_name: str, email: str) -> None:
        self.person = {"full_name": full_name, "email": email}
        self._names = NamePattern(full_name, email)
        self._placeholders: dict[str, str] = {}
        self._hidden: dict[str, str] = {}
        # A session holds the same files again and again, beside each prompt.
        self._done: dict[str, str] = {}

    @classmethod
    def of(cls, candidate: Candidate) -> Redaction:
        """What takes this candidate out."""
        return cls(candidate.full_name, candidate.email)

    def text(self, text: str) -> str:
        """`text` with every e-mail address, and the candidate's name in any spelling, replaced."""
        if text not in self._done:
            self._done[text] = self._names.replaced(ADDRESS.sub(self._address, text), self._name)
        return self._done[text]

    def record(self, record: SessionRecord) -> SessionRecord:
        """The session as a judge may see it. Edits stay behind: their offsets would not fit any more.

        What the candidate was given is redacted like what they made of it: or what nobody touched would read as theirs.
        """
        # Placeholders are numbered as they come: first in what stays as it is, and last in what another run of the
        # tests may say otherwise, so that an answer is read by the numbers that it was given.
        prompts = tuple(
            replace(
                prompt,
                message=self.text(prompt.message),
                response=self.text(prompt.response),
                code_before=self.files(prompt.code_before),
                code_after=None if prompt.code_after is None else self.files(prompt.code_after),
            )
            for prompt in record.prompts
        )
        final_files = self.files(record.final_files)
        task = replace(
            record.task,
            title=self.text(record.task.title),
            brief=self.text(record.task.brief),
            starter_files=self.files(record.task.starter_files),
        )
        return replace(
            record,
            task=task,
            prompts=prompts,
            final_files=final_files,
            events=tuple(replace(event, data=self._within(event.data)) for event in record.events),
            runs=tuple(replace(run, tests=run.tests and self._results(run.tests)) for run in record.runs),
            tests=record.tests and replace(record.tests, results=self._results(record.tests.results)),
            edits=(),
        )

    def calibration(self, record: CalibrationRecord) -> CalibrationRecord:
        """The exercise as a judge may see it."""
        exchanges = [Exchange(self.text(one.message), self.text(one.response)) for one in record.exchanges]
        return CalibrationRecord(self.text(record.prompt), exchanges)

    def files(self, files: Files) -> dict[str, str]:
        """Path → content; both are the candidate's words."""
        return {self.text(path): self.text(content) for path, content in files.items()}

    def _results(self, results: Sequence[TestResult]) -> list[TestResult]:
        return [replace(one, name=self.text(one.name), message=self.text(one.message)) for one in results]

    def _within(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self._within(inner) for key, inner in value.items()}
        return [self._within(inner) for inner in value] if isinstance(value, list | tuple) else value

    def restore(self, value: Any) -> Any:
        """A text, or every text within a value, with what the placeholders stand for."""
        if isinstance(value, str):
            return PLACEHOLDER.sub(lambda found: self._hidden.get(found[0], found[0]), value)
        if isinstance(value, Mapping):
            return {key: self.restore(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.restore(inner) for inner in value]
        return value

    def restored(self, results: Sequence[SignalResult]) -> list[SignalResult]:
        """A judge's results, pointing into the session as it was."""
        return [
            replace(
                result,
                evidence=tuple(self._evidence(piece) for piece in result.evidence),
                detail=self.restore(result.detail),
                flag=result.flag and replace(result.flag, message=self.restore(result.flag.message)),
            )
            for result in results
        ]

    def _evidence(self, piece: Evidence) -> Evidence:
        return replace(
            piece, quote=self.restore(piece.quote), note=self.restore(piece.note), path=self.restore(piece.path)
        )

    def _address(self, found: re.Match[str]) -> str:
        return self._placeholder("e-mail", found[0])

    def _name(self, words: str) -> str:
        return self._placeholder("name", words)

    def _placeholder(self, kind: str, words: str) -> str:
        known = self._placeholders.get(words)
        if known is None:
            known = f"[{kind} {len(self._placeholders) + 1}]"
            self._placeholders[words] = known
            self._hidden[known] = words
        return known
