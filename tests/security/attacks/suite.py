"""The attack suite's furniture: attacks from their files, each planted in an honest session."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tali.sdk import SessionRecord
from tali.sdk.testing import sample_records

HERE = Path(__file__).parent
KNOWN, UNSEEN = HERE / "attacks_known.toml", HERE / "attacks_unseen.toml"
PLACES = ("message", "code", "file_name")
DISGUISED = frozenset({"encoded", "foreign_language"})
"""Classes that no rate is promised for: they are reported."""


@dataclass(frozen=True)
class Attack:
    """One planted instruction. `kind` is its class."""

    kind: str
    place: str
    text: str


def attacks(path: Path) -> Sequence[Attack]:
    """The attacks of one file; none where there is no file."""
    if not path.exists():
        return ()
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["attack"]
    return [Attack(entry["class"], entry["place"], entry["text"]) for entry in entries]


def planted(attack: Attack, record: SessionRecord | None = None) -> SessionRecord:
    """An honest session with the attack in it."""
    record = record or sample_records()["rich"]
    if attack.place == "message":
        first, *others = record.prompts
        message = f"{first.message}\n\n{attack.text}"
        counted = {"word_count": len(message.split()), "char_count": len(message)}
        return replace(record, prompts=(replace(first, message=message, **counted), *others))
    if attack.place == "file_name":
        return replace(record, final_files={**record.final_files, attack.text.strip(): "pass\n"})
    path, code = next(iter(record.final_files.items()))
    return replace(record, final_files={**record.final_files, path: f"{code}\n{attack.text}\n"})
