"""Sandboxes: where untrusted code runs, and the only place where it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tali.sdk.sessions import Files


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one run; a provider may be stricter, never looser.

    Args:
        wall_seconds: from start to kill.
        memory_bytes: of all processes together where the host can count that, else of each.
        output_bytes: of stdout and stderr together; what comes after is dropped and marked.
    """

    wall_seconds: float = 10.0
    cpu_seconds: float = 10.0
    memory_bytes: int = 512 * 1024 * 1024
    processes: int = 64
    file_bytes: int = 16 * 1024 * 1024
    disk_bytes: int = 64 * 1024 * 1024
    output_bytes: int = 256 * 1024


@dataclass(frozen=True, slots=True)
class Output:
    """A piece of what the program wrote, as it came; undecodable bytes are replaced."""

    stream: Literal["stdout", "stderr"]
    text: str


@dataclass(frozen=True, slots=True)
class Execution:
    """How a run ended.

    `exit_code` is None when it was killed; then `stopped` says why, and `limit_note` says it in words
    ("stopped after 10 s"). `peak_memory_bytes` is None where the host cannot tell.
    """

    exit_code: int | None
    duration_ms: int
    stopped: Literal["timeout", "memory", "output", "cancelled", "killed"] | None = None
    limit_note: str | None = None
    truncated: bool = False
    peak_memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """What to run: an argument list, never a shell line. `toolchain` adds the read-only grading tools to the path."""

    argv: Sequence[str]
    stdin: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    toolchain: bool = False


@dataclass(frozen=True, slots=True)
class SandboxRequest:
    """What a sandbox is opened for. `labels` (assessment, organisation, purpose) let a sweeper find leaked ones."""

    languages: Sequence[str]
    labels: Mapping[str, str] = field(default_factory=dict)
    internet: bool = False


class Sandbox(Protocol):
    """One sandbox. Not safe to share between threads, except `cancel`."""

    @property
    def sandbox_id(self) -> str: ...

    def write(self, files: Files) -> None:
        """Make these files exist in the workspace, with exactly this content.

        Raises:
            Rejected: a path leaves the workspace, or the files exceed the disk limit.
        """
        ...

    def read(self, paths: Sequence[str], max_bytes: int = 1024 * 1024) -> Files:
        """Read text files from the workspace. Symbolic links are not followed.

        Left out: what is absent, is no regular file, or is larger than `max_bytes`.
        """
        ...

    def run(self, command: Command, limits: Limits) -> Iterator[Output | Execution]:
        """Run it: output as it comes, then exactly one `Execution`, last.

        Closing the iterator early kills the run and everything that it started.
        """
        ...

    def cancel(self) -> None:
        """Kill the run in progress, from any thread; its `Execution` says `cancelled`. Harmless when nothing runs."""
        ...

    def close(self) -> None:
        """Remove it. Idempotent."""
        ...


class SandboxProvider(Protocol):
    """Provider protocol of `tali_sandboxes`."""

    def check(self) -> None:
        """Prove that candidate code can be contained here; cheap after the first call.

        Raises:
            SandboxUnavailable: with the remedy.
            ConfigurationMissing: a key is missing.
        """
        ...

    def missing(self, languages: Sequence[str]) -> str | None:
        """Why code in these languages cannot run here, as a sentence that says what to do; None when it can.

        Asked before a task is published. `open` raises `SandboxUnavailable` with the same words.
        """
        ...

    def prepare(self, progress: Callable[[str], None]) -> None:
        """Install what runs need. Called at `tali up`; fast when done; two processes may call it at once.

        Args:
            progress: receives one sentence for people per step; not called when there is nothing to do.

        Raises:
            SandboxUnavailable, ConfigurationMissing: as `check`, or the tools could not be installed.
        """
        ...

    def open(self, request: SandboxRequest) -> Sandbox:
        """Open an empty sandbox.

        Raises:
            SandboxUnavailable, ConfigurationMissing, Transient.
        """
        ...

    def resume(self, sandbox_id: str) -> Sandbox:
        """Take up an open one again.

        Raises:
            SandboxGone: it does not exist any more.
        """
        ...
