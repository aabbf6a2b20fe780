"""One sandbox: a workspace in memory, a place on this machine, and runs, each in a jail of its own."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tali.sdk import Command, Execution, Files, Limits, Output, PluginError, Rejected
from tali_bubblewrap.cgroups import GroupMaker
from tali_bubblewrap.jail import Descriptors, Jail, limited
from tali_bubblewrap.node import Node
from tali_bubblewrap.running import Run
from tali_bubblewrap.slots import Slot
from tali_bubblewrap.toolchain import Interpreter
from tali_bubblewrap.workspace import Workspace


class BubblewrapSandbox:
    """Implements `tali.sdk.Sandbox`.

    Between runs nothing exists but bytes in this process: no process, no mount, no file on the host.
    """

    def __init__(
        self,
        *,
        slot: Slot,
        bubblewrap: Path,
        interpreter: Interpreter,
        node: Node | None,
        toolchain: Callable[[], Path],
        seccomp: bytes | None,
        groups: GroupMaker | None,
        threads_of_user: int,
        closed: Callable[[str], None],
    ) -> None:
        self._id = secrets.token_hex(12)
        self._slot = slot
        self._bubblewrap = bubblewrap
        self._interpreter = interpreter
        self._node = node
        self._toolchain = toolchain
        self._seccomp = seccomp
        self._groups = groups
        self._threads_of_user = threads_of_user
        self._on_close = closed
        self._workspace = Workspace(Limits().disk_bytes)
        self._run: Run | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @property
    def sandbox_id(self) -> str:
        return self._id

    def write(self, files: Files) -> None:
        self._workspace.write(files)

    def read(self, paths: Sequence[str], max_bytes: int = 1024 * 1024) -> Files:
        return self._workspace.read(paths, max_bytes)

    def run(self, command: Command, limits: Limits) -> Iterator[Output | Execution]:
        run = Run(self._bubblewrap, self._slot.uid, limits, self._groups)
        given = Descriptors()
        with self._lock:
            if self._closed.is_set() or self._run is not None:
                raise Rejected("The sandbox is closed." if self._closed.is_set() else "Another run is in progress.")
            self._run = run
        try:
            toolchain = self._toolchain() if command.toolchain else None
            jail = Jail(self._interpreter, toolchain, self._seccomp, self._node)
            options = jail.options(self._workspace.files(), command, limits, given)
            argv = limited(command, limits, self._threads_of_user, self._node is not None)
            try:
                self._workspace.settle(run.prepare(options, argv, command.stdin, given, jail.marker))
            except PluginError:
                if not run.is_stopped():
                    raise
                yield Execution(None, 0, "cancelled", "cancelled")
                return
            yield from run.release()
        finally:
            given.close()
            run.close()
            with self._lock:
                self._run = None
            if self._closed.is_set():
                self._let_go()

    def cancel(self) -> None:
        with self._lock:
            run = self._run
        if run is not None:
            run.kill("cancelled")

    def close(self) -> None:
        with self._lock:
            if self._closed.is_set():
                return
            self._closed.set()
            run = self._run
        self._on_close(self._id)
        if run is None:
            self._let_go()
        else:
            # The run lets go when its last process is gone; until then the place is not free.
            run.kill("cancelled")

    def _let_go(self) -> None:
        self._workspace.close()
        self._slot.release()
