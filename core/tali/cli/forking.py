"""Children that share memory: this process loads the code once and forks, so that each child starts in no time."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
import traceback
from importlib import import_module

from setproctitle import getproctitle

from tali.cli.embedded import die_with_parent

SHARED = (
    "tali.web",
    "tali.cli.worker",
    "tali.cli.people",
    "granian.server",
    "celery.apps.worker",
    "celery.concurrency.prefork",
    "celery.concurrency.thread",
)
"""What the children need. Loaded before the first fork; nothing here opens a connection or starts a thread."""


def load_for_forking() -> None:
    """Load the code, and put it out of the garbage collector's reach, so that its pages stay shared."""
    if not _can_fork():
        return
    for module in SHARED:
        import_module(module)
    from tali.application import import_jobs

    import_jobs()
    # It finds the title's memory beside the environment's, which the children replace.
    getproctitle()
    gc.collect()
    gc.freeze()


def _can_fork() -> bool:
    # macOS forbids much after a fork without exec; there the children load their code themselves.
    return sys.platform == "linux"


def launch(argv: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes] | ForkedProcess:
    """Start `argv` in a session of its own (Ctrl-C reaches us alone), to die with us.

    A command of `tali` is forked where that can be done, anything else is executed.
    """
    if _can_fork() and argv[:3] == [sys.executable, "-m", "tali.cli"]:
        return ForkedProcess(argv[3:], environment)
    return subprocess.Popen(
        argv,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )


class ForkedProcess:
    """A forked `tali` command, with the part of `Popen` that a supervisor uses."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.args = arguments
        self.returncode: int | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _become(arguments, environment)

    def poll(self) -> int | None:
        """The exit code (negative: the signal), or None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def _become(arguments: list[str], environment: dict[str, str]) -> None:
    """In the child: shed what belongs to the parent, run the command, and never return."""
    code = 1
    try:
        ask_kernel = die_with_parent(signal.SIGTERM)
        if ask_kernel is not None:
            ask_kernel()
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with open(os.devnull) as nothing:
            os.dup2(nothing.fileno(), 0)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["tali", *arguments]
        from tali.cli import main

        main(arguments, standalone_mode=True)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
