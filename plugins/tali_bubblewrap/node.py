"""The Node.js that JavaScript runs on: the operator's, if it is new enough and the sandboxes' users can start it."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_OLDEST = (20, 19)
_PLACES = ("/usr/bin/node", "/usr/local/bin/node")
_REMEDY = "Install Node.js 20.19 or newer for everybody, or name one in TALI_SANDBOX_NODE."


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js. `in_system`: it lies where sandboxes see it anyway."""

    executable: Path
    in_system: bool
    version: str


@dataclass(frozen=True, slots=True)
class NoNode:
    """Why there is none, as a sentence, and what to do about it."""

    reason: str
    remedy: str = _REMEDY


@functools.lru_cache(maxsize=4)
def find_node(chosen: str = "", as_root: bool = False) -> Node | NoNode:
    """The Node.js for candidates: `chosen`, else the first that is new enough of those on the path and in /usr.

    Args:
        as_root: sandboxes run as other users, who must be able to reach it.
    """
    reasons: list[str] = []
    for place in (chosen,) if chosen else (shutil.which("node"), *_PLACES):
        if not place or not Path(place).exists():
            continue
        real = Path(place).resolve()
        version = _version(real)
        if version is None or tuple(map(int, version.split(".")[:2])) < _OLDEST:
            reasons.append(f"{place} is not Node.js 20.19 or newer.")
        elif as_root and not all(folder.stat().st_mode & 0o001 for folder in (real, *real.parents)):
            reasons.append(f"Candidates' users cannot reach the Node.js in {place}.")
        else:
            in_system = real.is_relative_to("/usr") and not real.is_relative_to("/usr/local")
            return Node(real, in_system, version)
    return NoNode(reasons[0] if reasons else f"There is no Node.js{f' at {chosen}' if chosen else ''} on this machine.")


def _version(executable: Path) -> str | None:
    try:
        answer = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=10, env={}).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.fullmatch(r"v(\d+\.\d+\.\d+)\S*\s*", answer)
    return found[1] if found else None
