"""Taking people out of a session before a model sees it, and putting them back into what the model quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tali.assessments.names import NamePattern
from tali.candidates.models import Candidate
from tali.sdk import CalibrationRecord, Evidence, Exchange, Files, SessionRecord, SignalResult

ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
PLACEHOLDER = re.compile(r"\[(?:name|e-mail) \d{1,4}\]")


class Redaction:
    """One session's placeholders. The same words get the same placeholder, so that each stands for exactly one text."""

    def __init__(self, candidate: Candidate) -> None:
        self._names = NamePattern(candidate.full_name, candidate.email)
        self._placeholders: dict[str, str] = {}
        self._hidden: dict[str, str] = {}

    def text(self, text: str) -> str:
        """`text` with every e-mail address, and the candidate's name in any spelling, replaced."""
        return self._names.replaced(ADDRESS.sub(self._address, text), self._name)

    def record(self, record: SessionRecord) -> SessionRecord:
        """The session as a judge may see it. Edits stay behind: their offsets would not fit any more."""
        task = replace(record.task, brief=self.text(record.task.brief))
        return replace(
            record,
            task=task,
            final_files=self.files(record.final_files),
            prompts=tuple(
                replace(
                    prompt,
                    message=self.text(prompt.message),
                    response=self.text(prompt.response),
                    code_before=self.files(prompt.code_before),
                    code_after=None if prompt.code_after is None else self.files(prompt.code_after),
                )
                for prompt in record.prompts
            ),
            edits=(),
        )

    def calibration(self, record: CalibrationRecord) -> CalibrationRecord:
        """The exercise as a judge may see it."""
        exchanges = [Exchange(self.text(one.message), self.text(one.response)) for one in record.exchanges]
        return CalibrationRecord(self.text(record.prompt), exchanges)

    def files(self, files: Files) -> dict[str, str]:
        """Path → content; both are the candidate's words."""
        return {self.text(path): self.text(content) for path, content in files.items()}

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
