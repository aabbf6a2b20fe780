"""Unified diffs between two states of files."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

MAX_LINES = 4_000
"""Beyond this the exact diff takes seconds; what is shown instead says so."""


def unified(before: str | None, after: str | None, path: str) -> str:
    """The diff of one file; empty where nothing changed."""
    old, new = (before or "").splitlines(), (after or "").splitlines()
    if old == new:
        return ""
    if len(old) + len(new) > 2 * MAX_LINES:
        return (
            f"--- {path}\n+++ {path}\n@@ too long to compare line by line: {len(old)} lines before, {len(new)} after @@"
        )
    return "\n".join(difflib.unified_diff(old, new, path, path, lineterm="", n=3))


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[dict[str, str]]:
    """The diffs of all files that differ, by path."""
    diffs = (
        {"path": path, "diff": unified(before.get(path), after.get(path), path)}
        for path in sorted(before.keys() | after.keys())
    )
    return [entry for entry in diffs if entry["diff"]]
