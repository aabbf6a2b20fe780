"""One run, from spawning bubblewrap to the last of its processes being gone."""

from __future__ import annotations

import codecs
import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Literal

from tali.sdk import Execution, Limits, Output, SandboxUnavailable, Transient
from tali_bubblewrap.cgroups import GroupMaker, RunGroup
from tali_bubblewrap.diagnosis import remedy
from tali_bubblewrap.jail import WORKSPACE, Descriptors, sealed_file

_SETUP_SECONDS = 10.0
_CHUNK = 64 * 1024
# A program may print past its limit without being stopped, unless it keeps us busy with nothing else.
_FLOOD_FACTOR = 64
_SAMPLE_SECONDS = 0.05
_PAGE = os.sysconf("SC_PAGE_SIZE")

Stop = Literal["timeout", "memory", "output", "cancelled", "killed"]


class Run:
    """A started run. Between `prepare` and `release` everything is set up and no candidate code has run yet.

    bubblewrap is told to kill the sandbox when the *thread* that started it ends; callers keep that thread.
    """

    def __init__(self, bubblewrap: Path, uid: int | None, limits: Limits, groups: GroupMaker | None) -> None:
        self._bubblewrap = bubblewrap
        self._uid = uid
        self._limits = limits
        self._groups = groups
        self._group: RunGroup | None = None
        self._stopped: Stop | None = None
        self._ended = threading.Event()
        self._kill_lock = threading.Lock()
        self._handles: list[int] = []
        # Both of bubblewrap's processes are known. One that is killed before would leave the other behind for ever.
        self._killable = False
        self._process: subprocess.Popen[bytes] | None = None
        self._watchdog: threading.Thread | None = None
        self._gate = self._processes = -1

    def prepare(self, options: Sequence[str], argv: Sequence[str], stdin: str, given: Descriptors, marker: str) -> int:
        """Spawn bubblewrap, wait until the jail stands, and answer with a descriptor of its workspace.

        Raises:
            SandboxUnavailable: bubblewrap could not build the jail; carries its words and the remedy.
            Transient: the machine has no process to spare at the moment.
        """
        info, info_write = os.pipe2(os.O_CLOEXEC)
        try:
            block, self._gate = os.pipe2(os.O_CLOEXEC)
            given.open += [info_write, block]
            words = [*options, "--info-fd", str(info_write), "--block-fd", str(block)]
            process = self._process = self._spawn(words, argv, stdin, given)
            self._watch(process.pid)
            init = _child_pid(info)
            if init is None or not self._watch(init):
                raise self._not_built(process)
            with self._kill_lock:
                self._killable = True
            if self._stopped is not None:
                raise self._not_built(process)
        finally:
            os.close(info)
        workspace = self._await_jail(process, init, marker)
        try:
            if self._groups is not None:
                self._group = self._groups(self._limits.memory_bytes, self._limits.processes + 4)
                self._group.add(process.pid)
                self._group.add(init)
        except ProcessLookupError:
            os.close(workspace)
            raise self._not_built(process) from None
        except OSError as error:
            os.close(workspace)
            raise Transient(f"The run's control group could not be made: {error}.", retry_after=1.0) from error
        return workspace

    def _spawn(
        self, options: Sequence[str], argv: Sequence[str], stdin: str, given: Descriptors
    ) -> subprocess.Popen[bytes]:
        arguments = given.content(b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in options))
        keyboard = sealed_file(stdin.encode("utf-8", "replace"))
        owner = {} if self._uid is None else {"user": self._uid, "group": self._uid, "extra_groups": ()}
        try:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                ["bwrap", "--args", arguments, "--", *argv],  # noqa: S607 - a name only; `executable` is what runs
                executable=self._bubblewrap,
                # bubblewrap itself is process 1 inside, where candidates can read its environment.
                env={},
                stdin=keyboard,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=given.open,
                **owner,  # type: ignore[call-overload]
            )
        except BlockingIOError:
            raise Transient("This machine has no process to spare.", retry_after=1.0) from None
        finally:
            os.close(keyboard)
            given.close()
        return process

    def release(self) -> Iterator[Output | Execution]:
        """Let the program start; yield what it writes as it comes, then how it ended. Only after `prepare`."""
        if self._process is None:
            raise RuntimeError("a run is prepared before it is released")
        if self._stopped is not None:
            # Asked for before there was anything to kill.
            self.kill(self._stopped)
        self._started = time.monotonic()
        with contextlib.suppress(BrokenPipeError):
            os.write(self._gate, b"go")
        self._watchdog = threading.Thread(target=self._guard, name="tali-sandbox-watchdog", daemon=True)
        self._watchdog.start()
        truncated = yield from self._pump(self._process)
        status = self._reap(self._process)
        duration = time.monotonic() - self._started
        self._ended.set()
        yield self._verdict(status, duration, truncated)

    def kill(self, why: Stop) -> None:
        """Kill everything; the first reason given is the one that is told. From any thread, at any time.

        While bubblewrap still makes its processes, which takes milliseconds, it is remembered and done right after.
        """
        with self._kill_lock:
            if self._ended.is_set():
                return
            self._stopped = self._stopped or why
            if self._killable:
                self._kill_processes()

    def _kill_processes(self) -> None:
        for handle in self._handles:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)

    def is_stopped(self) -> bool:
        """Whether somebody asked for its end."""
        return self._stopped is not None

    def close(self) -> None:
        """Leave nothing behind: processes, descriptors, control groups. Idempotent."""
        with self._kill_lock:
            self._killable = True
        self.kill("killed")
        self._ended.set()
        if self._watchdog is not None:
            self._watchdog.join()
        if self._process is not None:
            self._reap(self._process)
            for stream in (self._process.stdout, self._process.stderr):
                if stream is not None:
                    stream.close()
        with self._kill_lock:
            while self._handles:
                os.close(self._handles.pop())
        for name in ("_gate", "_processes"):
            descriptor = getattr(self, name, -1)
            if descriptor >= 0:
                os.close(descriptor)
                setattr(self, name, -1)
        if self._group is not None:
            self._group.remove()
            self._group = None

    def _watch(self, pid: int) -> bool:
        """Hold a process so that it can be killed and waited for without mistaking another for it."""
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            return False
        with self._kill_lock:
            self._handles.append(handle)
        return True

    def _await_jail(self, process: subprocess.Popen[bytes], init: int, marker: str) -> int:
        """Open the workspace of the finished jail.

        The marker shows only once bubblewrap has made the jail its root, the last step before it waits at the gate.
        """
        root = f"/proc/{init}/root"
        give_up = time.monotonic() + _SETUP_SECONDS
        while True:
            try:
                os.stat(root + marker)
                workspace = os.open(root + WORKSPACE, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except OSError:
                if self._has_ended() or time.monotonic() > give_up:
                    raise self._not_built(process) from None
                time.sleep(0.0002)
                continue
            if self._groups is None:
                self._processes = os.open(f"{root}/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            return workspace

    def _has_ended(self) -> bool:
        return bool(select.select([self._handles[0]], [], [], 0)[0])

    def _not_built(self, process: subprocess.Popen[bytes]) -> SandboxUnavailable | Transient:
        with self._kill_lock:
            self._killable = True
            self._kill_processes()
        process.wait()
        said = ""
        if process.stderr is not None:
            # Never wait for an end that a process which we do not know of could hold open.
            os.set_blocking(process.stderr.fileno(), False)
            said = (process.stderr.read() or b"").decode("utf-8", "replace").strip()
        if "Resource temporarily unavailable" in said:
            return Transient("This machine has no process to spare.", retry_after=1.0)
        return SandboxUnavailable(
            f"bubblewrap could not build a sandbox ({said or 'it gave no reason'}).", remedy(said)
        )

    def _guard(self) -> None:
        """Enforce wall time even when nobody reads, and memory where no control group counts it."""
        deadline = self._started + self._limits.wall_seconds
        while (left := deadline - time.monotonic()) > 0:
            sampling = self._processes >= 0
            if self._ended.wait(min(left, _SAMPLE_SECONDS) if sampling else left):
                return
            if sampling and _private_memory(self._processes) > self._limits.memory_bytes:
                self.kill("memory")
                return
        self.kill("timeout")

    def _pump(self, process: subprocess.Popen[bytes]) -> Generator[Output, None, bool]:
        """Yield output until both streams end; the generator returns whether something was left out."""
        streams: dict[int, Literal["stdout", "stderr"]] = {}
        poll = select.poll()
        if process.stdout is not None and process.stderr is not None:
            streams = {process.stdout.fileno(): "stdout", process.stderr.fileno(): "stderr"}
        for fileno in streams:
            poll.register(fileno, select.POLLIN)
        decoders = {fileno: codecs.getincrementaldecoder("utf-8")("replace") for fileno in streams}
        seen, limit = 0, self._limits.output_bytes
        while streams:
            for fileno, _ in poll.poll():
                data = os.read(fileno, _CHUNK)
                kept = data[: max(0, limit - seen)]
                seen += len(data)
                text = decoders[fileno].decode(kept, final=not data)
                if text:
                    yield Output(streams[fileno], text)
                if not data:
                    poll.unregister(fileno)
                    del streams[fileno]
            if seen > limit * _FLOOD_FACTOR:
                self.kill("output")
        return seen > limit

    def _reap(self, process: subprocess.Popen[bytes]) -> int:
        """Wait until every process is gone; answers with the exit status."""
        status = process.wait()
        # The init of a process namespace ends only after everything in it has.
        for handle in self._handles[1:]:
            select.select([handle], [], [])
        return status

    def _verdict(self, status: int, duration: float, truncated: bool) -> Execution:
        limits = self._limits
        stopped, note = self._stopped, None
        if stopped is None and status != 0 and self._group is not None and self._group.ran_out_of_memory():
            stopped = "memory"
        if stopped is None and status == 128 + signal.SIGXCPU:
            stopped, note = "timeout", f"stopped after {limits.cpu_seconds:g} s of processor time"
        if stopped is None and status in (128 + signal.SIGKILL, -signal.SIGKILL):
            stopped = "killed"
        notes = {
            "timeout": f"stopped after {limits.wall_seconds:g} s",
            "memory": f"stopped for using more than {limits.memory_bytes // 2**20} MB of memory",
            "output": "stopped for writing output without end",
            "cancelled": "cancelled",
            "killed": "killed",
        }
        if truncated and stopped is None:
            note = f"output after the first {limits.output_bytes // 1024} KB was left out"
        return Execution(
            exit_code=status if stopped is None else None,
            duration_ms=round(duration * 1000),
            stopped=stopped,
            limit_note=note or (notes[stopped] if stopped else None),
            truncated=truncated,
            peak_memory_bytes=self._group.peak_bytes() if self._group is not None else None,
        )


def _child_pid(info: int) -> int | None:
    """The process id that bubblewrap writes as JSON, in pieces; None when it ends without."""
    text = b""
    while b"}" not in text:
        if not select.select([info], [], [], _SETUP_SECONDS)[0]:
            return None
        piece = os.read(info, 4096)
        if not piece:
            return None
        text += piece
    digits = text.split(b'"child-pid":', 1)[1].lstrip().split(b",")[0].split(b"\n")[0]
    return int(digits.strip(b" }\n"))


def _private_memory(processes: int) -> int:
    """Bytes that the sandbox's processes hold for themselves, from its own /proc (`processes`)."""
    total = 0
    with contextlib.suppress(OSError):
        for name in os.listdir(processes):
            if not name.isdigit():
                continue
            with contextlib.suppress(OSError, ValueError, IndexError):
                file = os.open(f"{name}/statm", os.O_RDONLY | os.O_CLOEXEC, dir_fd=processes)
                try:
                    fields = os.read(file, 256).split()
                finally:
                    os.close(file)
                total += (int(fields[1]) - int(fields[2])) * _PAGE
    return total
