"""The files of a sandbox: kept in memory between runs, handed to each run by descriptor, read back by descriptor.

No candidate-chosen name is ever resolved on the host's file system. Inside a run the workspace is a fresh, size-limited
tmpfs that bubblewrap fills from memory; afterwards the directory descriptor that was opened before the first line of
candidate code ran is all that keeps it alive. Reading walks from there, one component at a time, following no links.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from tali.sdk import Files, Rejected, SandboxGone

MAX_FILES = 256
_MAX_DEPTH = 16
_PAGE = 4096
_SKIPPED_FOLDERS = frozenset({"__pycache__", ".pytest_cache", ".ruff_cache"})


class Workspace:
    """What a sandbox holds: a set of files, or the tree that the last run left."""

    def __init__(self, max_bytes: int) -> None:
        self._files: dict[str, bytes] = {}
        self._left: int | None = None
        self._max_bytes = max_bytes

    def write(self, files: Files) -> None:
        """Lay `files` over what is there; a file takes the place of a folder of that name, and the other way round.

        Raises:
            Rejected: a bad path, too many files, or more than the disk limit.
        """
        written = {checked_path(path): text.encode("utf-8", "replace") for path, text in files.items()}
        for path in written:
            if any(parent in written for parent in _parents(path)):
                raise Rejected(f"{path} would need a folder where another file is written.")
        present = self.files()
        for path in list(present):
            if any(path.startswith(f"{new}/") for new in written):
                del present[path]
        for path in written:
            for parent in _parents(path):
                present.pop(parent, None)
        present.update(written)
        if len(present) > MAX_FILES:
            raise Rejected(f"A workspace holds at most {MAX_FILES} files.")
        if _disk_use(present.values()) > self._max_bytes:
            raise Rejected(f"These files exceed the {self._max_bytes // 2**20} MB of the workspace.")
        self._files = present

    def files(self) -> dict[str, bytes]:
        """A copy of all files, taking in what the last run left.

        Raises:
            SandboxGone: the run left more than a workspace may hold.
        """
        if self._left is not None:
            descriptor, self._left = self._left, None
            try:
                self._files = dict(_walk(descriptor, self._max_bytes))
            finally:
                os.close(descriptor)
        return dict(self._files)

    def read(self, paths: Iterable[str], max_bytes: int) -> dict[str, str]:
        """The text of those `paths` that are regular files of at most `max_bytes`; undecodable bytes are replaced."""
        found: dict[str, str] = {}
        for path in paths:
            checked_path(path)
            content = self._files.get(path) if self._left is None else _read_beneath(self._left, path, max_bytes)
            if content is not None and len(content) <= max_bytes:
                found[path] = content.decode("utf-8", "replace")
        return found

    def settle(self, left: int) -> None:
        """Take over the directory descriptor of the tree that a run left; it is read only if somebody asks."""
        self.close()
        self._left = left

    def close(self) -> None:
        """Let go of the tree, and so of its memory."""
        if self._left is not None:
            os.close(self._left)
            self._left = None


def checked_path(path: str) -> str:
    """The path itself, if it names a file inside the workspace in its only possible spelling.

    Raises:
        Rejected: absolute, climbing, empty, too long, or with characters that no file name should have.
    """
    parts = path.split("/")
    plain = all(part not in ("", ".", "..") and len(part.encode("utf-8", "replace")) <= 255 for part in parts)
    if not plain or len(parts) > _MAX_DEPTH or len(path) > 1000 or any(ord(c) < 32 or c == "\\" for c in path):
        raise Rejected(f"{path[:80]!r} is not a path inside the workspace.")
    return path


def _parents(path: str) -> list[str]:
    return [str(parent) for parent in PurePosixPath(path).parents if str(parent) != "."]


def _disk_use(contents: Iterable[bytes]) -> int:
    return sum(_PAGE * (1 + len(content) // _PAGE) for content in contents)


def _read_beneath(root: int, path: str, max_bytes: int) -> bytes | None:
    """Read a regular file beneath a directory descriptor; None if it is absent, too large, or not reached plainly."""
    folder = os.dup(root)
    try:
        *folders, name = path.split("/")
        for part in folders:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = inner
        return _read_regular(name, folder, max_bytes)
    except OSError:
        return None
    finally:
        os.close(folder)


def _read_regular(name: str, folder: int, max_bytes: int) -> bytes | None:
    # Non-blocking, because a fifo of that name would hold us for as long as its maker likes.
    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, dir_fd=folder)
    with os.fdopen(file, "rb") as stream:
        facts = os.fstat(file)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > max_bytes:
            return None
        content = stream.read(max_bytes + 1)
        return content if len(content) <= max_bytes else None


def _walk(root: int, max_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Every regular file beneath `root`, with a bound on count, depth and bytes (holes in sparse files count too)."""
    count, left = 0, max_bytes
    for folder, folders, names, descriptor in os.fwalk(".", dir_fd=root, follow_symlinks=False):
        if len(PurePosixPath(folder).parts) >= _MAX_DEPTH:
            raise SandboxGone("The program left folders too deep to keep.")
        folders[:] = [name for name in folders if name not in _SKIPPED_FOLDERS]
        for name in names:
            facts = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            if not stat.S_ISREG(facts.st_mode):
                continue
            content = _read_regular(name, descriptor, left)
            count += 1
            if content is None or count > MAX_FILES:
                raise SandboxGone("The program left more files than a workspace keeps.")
            left -= len(content)
            yield str(PurePosixPath(folder, name)), content
