"""Applying edits to files, exactly as the client did: pure, so that recording, replay and evaluation share it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, MutableMapping
from typing import Any

from tali.sdk.text import splice_utf16

MAX_FILES = 50
MAX_FILE_BYTES = 256 * 1024
MAX_TOTAL_BYTES = 2 * 1024 * 1024
MAX_PATH = 200
MAX_DEPTH = 12
"""Folders in folders: fewer than a sandbox takes, which has the tests to lay beside them."""
_PATH = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
ORIGINS = ("typed", "paste", "assistant_insert", "assistant_apply", "undo", "completion", "format")


class EditError(ValueError):
    """An edit that does not fit the files. `limit` tells a limit from a disagreement about the text."""

    def __init__(self, message: str, *, limit: bool = False) -> None:
        super().__init__(message)
        self.limit = limit


def valid_path(path: str) -> bool:
    """Whether a path stays inside the workspace, in characters that every system and shell reads alike."""
    segments = path.split("/")
    fits = len(path) <= MAX_PATH and len(segments) <= MAX_DEPTH
    return fits and _PATH.fullmatch(path) is not None and not {".", ".."} & set(segments)


def checksum(content: str) -> str:
    """CRC-32 of a file's UTF-8. It detects divergence, not tampering, and is fast where browsers lack better."""
    return f"{zlib.crc32(content.encode('utf-8', 'surrogatepass')):08x}"


def workspace_hash(checksums: Mapping[str, str]) -> str:
    """One hash for all files, from path → checksum."""
    lines = "".join(f"{path}\0{checksums[path]}\n" for path in sorted(checksums))
    return f"{zlib.crc32(lines.encode()):08x}"


def apply_edit(
    files: MutableMapping[str, str], edit: Mapping[str, Any], readonly: frozenset[str] = frozenset()
) -> None:
    """Apply one edit in place.

    Raises:
        EditError: it names a file that is not there, an offset outside the text, a read-only file, or passes a limit.
    """
    path = edit["file"]
    operation = edit["op"]
    if path in readonly or edit.get("new_file") in readonly:
        raise EditError(f"{path} is read-only", limit=True)
    if operation == "create":
        _require_free(files, path)
        if len(files) >= MAX_FILES:
            raise EditError(f"a workspace holds at most {MAX_FILES} files", limit=True)
        files[path] = ""
        return
    if path not in files:
        raise EditError(f"{path} is not in the workspace")
    if operation == "delete":
        del files[path]
    elif operation == "rename":
        _require_free(files, edit["new_file"])
        files[edit["new_file"]] = files.pop(path)
    else:
        try:
            changed = splice_utf16(files[path], edit["from"], edit["to"], edit["insert"])
        except ValueError as error:
            raise EditError(f"{path}: {error}") from None
        if len(changed) > MAX_FILE_BYTES // 4 and len(changed.encode("utf-8", "surrogatepass")) > MAX_FILE_BYTES:
            raise EditError(f"{path} would be larger than {MAX_FILE_BYTES // 1024} KiB", limit=True)
        files[path] = changed


def check_total(files: Mapping[str, str]) -> None:
    """Keep the workspace as a whole within what a request, a checkpoint and a sandbox can carry.

    Raises:
        EditError: it is too large.
    """
    # Most workspaces are far below the limit; only near it is it worth counting bytes.
    if 4 * sum(len(content) for content in files.values()) <= MAX_TOTAL_BYTES:
        return
    if sum(len(content.encode("utf-8", "surrogatepass")) for content in files.values()) > MAX_TOTAL_BYTES:
        raise EditError(f"all files together hold at most {MAX_TOTAL_BYTES // (1024 * 1024)} MiB", limit=True)


def _require_free(files: Mapping[str, str], path: str) -> None:
    if not valid_path(path):
        raise EditError("file names take letters, digits, '.', '_', '-' and '/'", limit=True)
    if path in files:
        raise EditError(f"{path} exists already")
    if any(other.startswith(f"{path}/") or path.startswith(f"{other}/") for other in files):
        raise EditError(f"{path} is a file and a folder at once", limit=True)
