"""Unified diffs between two states of files."""

from __future__ import annotations

import difflib

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
