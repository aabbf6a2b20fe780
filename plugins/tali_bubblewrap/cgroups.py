"""Memory and process limits over a whole run, where this process may make control groups; probed, never assumed.

Resource limits bound each process; a control group bounds all of them together, tells the peak, and tells that memory
was why a run died. Both hierarchies (version 1 and 2) serve. Where neither is writable, callers do without.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_names = itertools.count()
_PREFIX = "tali-run-"


@dataclass(frozen=True, slots=True)
class RunGroup:
    """The control group of one run: folders to join, and where the kernel keeps its figures."""

    folders: tuple[Path, ...]
    peak_file: str
    events_file: str

    def add(self, pid: int) -> None:
        """Move a process in; what it starts later is born inside."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def peak_bytes(self) -> int | None:
        """The most memory that all processes held together, or None where the kernel does not tell."""
        try:
            return int((self.folders[0] / self.peak_file).read_text())
        except (OSError, ValueError):
            return None

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel killed something in here for want of memory."""
        try:
            lines = (self.folders[0] / self.events_file).read_text().splitlines()
        except OSError:
            return False
        return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)

    def remove(self) -> None:
        """Delete it; a group that still holds a dying process is left for the next sweep."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


GroupMaker = Callable[[int, int], RunGroup]
"""Makes the group of one run from (memory bytes, processes)."""


def probe() -> GroupMaker | None:
    """Find a hierarchy that this process can use, prove it by making a group, and sweep what crashed runs left."""
    mounts = _mounts()
    own = _own_paths()
    for find in (_version_2, _version_1):
        make = find(mounts, own)
        if make is None:
            continue
        try:
            group = make(64 * 2**20, 16)
        except OSError:
            continue
        group.remove()
        for folder in group.folders:
            for stale in folder.parent.glob(f"{_PREFIX}*"):
                # Only of the dead: a living process may be about to use a group that is still empty.
                maker = stale.name.removeprefix(_PREFIX).split("-")[0]
                if not Path("/proc", maker).exists():
                    with contextlib.suppress(OSError):
                        stale.rmdir()
        return make
    return None


def _mounts() -> dict[str, Path]:
    """Controller (version 1) or "" (version 2) → where its hierarchy is mounted."""
    found: dict[str, Path] = {}
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup2":
            found[""] = Path(place)
        elif kind == "cgroup":
            found.update({option: Path(place) for option in options.split(",") if option in ("memory", "pids")})
    return found


def _own_paths() -> dict[str, str]:
    """Controller or "" → this process's group within that hierarchy."""
    found: dict[str, str] = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        found.update(dict.fromkeys(controllers.split(","), path.lstrip("/")))
    return found


def _name() -> str:
    return f"{_PREFIX}{os.getpid()}-{next(_names)}"


def _version_1(mounts: dict[str, Path], own: dict[str, str]) -> GroupMaker | None:
    if "memory" not in mounts or "pids" not in mounts:
        return None
    # Beneath our own group, so that a limit on us holds for them too; in a container only the mount's top may be seen.
    places = [mounts[name] / own.get(name, "") for name in ("memory", "pids")]
    memory_place, pids_place = (
        place if place.is_dir() else mounts[name] for name, place in zip(("memory", "pids"), places, strict=True)
    )

    def make(memory_bytes: int, processes: int) -> RunGroup:
        name = _name()
        memory, pids = memory_place / name, pids_place / name
        group = RunGroup((memory, pids), "memory.max_usage_in_bytes", "memory.oom_control")
        try:
            memory.mkdir()
            pids.mkdir()
            (memory / "memory.limit_in_bytes").write_text(str(memory_bytes))
            swap = memory / "memory.memsw.limit_in_bytes"
            if swap.exists():
                swap.write_text(str(memory_bytes))
            (pids / "pids.max").write_text(str(processes))
        except OSError:
            group.remove()
            raise
        return group

    return make


def _version_2(mounts: dict[str, Path], own: dict[str, str]) -> GroupMaker | None:
    if "" not in mounts:
        return None
    here = mounts[""] / own.get("", "")
    # A group with processes cannot hand controllers down, unless it is the top one; then a sibling of ours serves.
    for place in (here, here.parent):
        if not place.is_relative_to(mounts[""]) or not os.access(place, os.W_OK):
            continue
        if not _hands_down(place):
            with contextlib.suppress(OSError):
                (place / "cgroup.subtree_control").write_text("+memory +pids")
        if _hands_down(place):
            return functools.partial(_make_version_2, place)
    return None


def _hands_down(place: Path) -> bool:
    try:
        return {"memory", "pids"} <= set((place / "cgroup.subtree_control").read_text().split())
    except OSError:
        return False


def _make_version_2(place: Path, memory_bytes: int, processes: int) -> RunGroup:
    folder = place / _name()
    group = RunGroup((folder,), "memory.peak", "memory.events")
    folder.mkdir()
    try:
        (folder / "memory.max").write_text(str(memory_bytes))
        (folder / "pids.max").write_text(str(processes))
        for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
            with contextlib.suppress(OSError):
                (folder / name).write_text(value)
    except OSError:
        group.remove()
        raise
    return group
