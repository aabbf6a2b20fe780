"""What a run can see and do: the arguments that bubblewrap receives."""

from __future__ import annotations

import fcntl
import os
import re
import resource
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tali.sdk import Command, Limits, Rejected
from tali_bubblewrap.node import Node
from tali_bubblewrap.toolchain import Interpreter

WORKSPACE = "/workspace"
UID_INSIDE = 1000
_BIN = "/opt/tali/bin"
_TOOLCHAIN = "/opt/tali/toolchain"
_SYSTEM_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
# Beneath /usr, but an operator's own: what is installed there must not change how an exercise behaves.
_HIDDEN_FOLDERS = ("/usr/local", "/usr/lib/python3/dist-packages", "/usr/src")
_ACCOUNTS = b"candidate:x:1000:1000:Candidate:/workspace:/bin/sh\n"
_HOSTS = b"127.0.0.1 localhost\n::1 localhost\n"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SHARED_MEMORY_BYTES = 4 * 2**20
# V8 reserves addresses by the gigabyte and writes to few of them: what counts is the memory that can be written to, of
# which it has some before the program begins.
_NODE_ADDRESSES, _NODE_OWN_DATA = 2 * 2**30, 256 * 2**20


class Descriptors:
    """Files handed to bubblewrap by number, so that candidates' content never gets a name on this machine."""

    def __init__(self) -> None:
        self.open: list[int] = []

    def content(self, data: bytes) -> str:
        """A descriptor from which `data` can be read."""
        self.open.append(sealed_file(data))
        return str(self.open[-1])

    def close(self) -> None:
        """Close ours; bubblewrap has its own."""
        for descriptor in self.open:
            os.close(descriptor)
        self.open.clear()


def sealed_file(data: bytes) -> int:
    """A descriptor of a file without a name that holds `data`, stands at its beginning and cannot be written to."""
    file = os.memfd_create("tali", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
    os.lseek(file, 0, os.SEEK_SET)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
    return file


@dataclass(frozen=True, slots=True)
class Jail:
    """One run's surroundings. `marker` is a folder of a name that nobody can guess: where it is seen, setup is done."""

    interpreter: Interpreter
    toolchain: Path | None
    seccomp: bytes | None
    node: Node | None = None
    marker: str = field(default_factory=lambda: f"/run/{secrets.token_hex(16)}")

    def options(self, files: Mapping[str, bytes], command: Command, limits: Limits, given: Descriptors) -> list[str]:
        """bubblewrap's options, in the order in which it carries them out.

        Every writable place is a tmpfs with a size: the workspace gets three quarters of the disk limit, /tmp the
        rest. What bubblewrap makes on the way (/, /dev) would be writable and unbounded, and is closed at the end.
        """
        scratch = max(limits.disk_bytes // 4, 2**20)
        workspace = max(limits.disk_bytes - scratch - _SHARED_MEMORY_BYTES, 2**20)
        options = ["--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent", "--new-session"]
        options += ["--uid", str(UID_INSIDE), "--gid", str(UID_INSIDE), "--hostname", "sandbox", "--cap-drop", "ALL"]
        options += self._system(given)
        options += ["--proc", "/proc", "--dev", "/dev"]
        options += ["--size", str(_SHARED_MEMORY_BYTES), "--perms", "1777", "--tmpfs", "/dev/shm"]  # noqa: S108
        options += ["--remount-ro", "/dev"]
        options += ["--size", str(scratch), "--perms", "1777", "--tmpfs", "/tmp"]  # noqa: S108 - the sandbox's own
        options += ["--size", str(workspace), "--tmpfs", WORKSPACE]
        # After the places that could cover it.
        if self.interpreter.prefix is not None:
            options += ["--ro-bind", str(self.interpreter.prefix), str(self.interpreter.prefix)]
        for path, content in files.items():
            options += ["--perms", "0644", "--file", given.content(content), f"{WORKSPACE}/{path}"]
        if self.seccomp is not None:
            options += ["--seccomp", given.content(self.seccomp)]
        options += ["--dir", self.marker, "--remount-ro", "/", "--chdir", WORKSPACE, "--clearenv"]
        for name, value in self._environment(command).items():
            options += ["--setenv", name, value]
        return options

    def _system(self, given: Descriptors) -> list[str]:
        options = ["--ro-bind", "/usr", "/usr"]
        for name in _SYSTEM_FOLDERS:
            folder = f"/{name}"
            if os.path.islink(folder):
                options += ["--symlink", os.readlink(folder), folder]
            elif os.path.isdir(folder):
                options += ["--ro-bind", folder, folder]
        for hidden in _HIDDEN_FOLDERS:
            if os.path.isdir(hidden):
                options += ["--size", "4096", "--tmpfs", hidden, "--remount-ro", hidden]
        for name in ("python", "python3"):
            options += ["--symlink", str(self.interpreter.executable), f"{_BIN}/{name}"]
        if self.node is not None:
            kind = "--symlink" if self.node.in_system else "--ro-bind"
            options += [kind, str(self.node.executable), f"{_BIN}/node"]
        if self.toolchain is not None:
            options += ["--ro-bind", str(self.toolchain), _TOOLCHAIN]
        for path, content in (("/etc/passwd", _ACCOUNTS), ("/etc/hosts", _HOSTS)):
            options += ["--perms", "0444", "--file", given.content(content), path]
        return options

    def _environment(self, command: Command) -> dict[str, str]:
        environment = {
            "PATH": f"{_BIN}:/usr/bin:/bin",
            "HOME": "/tmp",  # noqa: S108 - the sandbox's own
            "TMPDIR": "/tmp",  # noqa: S108
            "USER": "candidate",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        for name, value in command.environment.items():
            if not _VARIABLE.match(name) or "\0" in value:
                raise Rejected(f"{name[:80]!r} cannot be an environment variable.")
            environment[name] = value
        if self.toolchain is not None:
            environment["PATH"] = f"{_TOOLCHAIN}/bin:{environment['PATH']}"
            own = environment.get("PYTHONPATH")
            environment["PYTHONPATH"] = f"{_TOOLCHAIN}:{own}" if own else _TOOLCHAIN
        return environment


def limited(command: Command, limits: Limits, threads_of_user: int, node: bool = False) -> list[str]:
    """The program behind `prlimit`, which sets its limits from inside.

    Inside, because the kernel counts processes per user and user namespace (since 5.14): there only the sandbox's own
    are counted, and bubblewrap needs none of the budget. `threads_of_user` is added on kernels that count all.
    With `node`, a process is bounded by the memory that it can write to, and only loosely by its addresses.
    """
    cpu = max(1, round(limits.cpu_seconds))
    wanted = {
        "as": (resource.RLIMIT_AS, limits.memory_bytes),
        "nproc": (resource.RLIMIT_NPROC, limits.processes + threads_of_user),
        "fsize": (resource.RLIMIT_FSIZE, limits.file_bytes),
        "nofile": (resource.RLIMIT_NOFILE, 256),
        "core": (resource.RLIMIT_CORE, 0),
    }
    if node:
        wanted["as"] = (resource.RLIMIT_AS, limits.memory_bytes + _NODE_ADDRESSES)
        wanted["data"] = (resource.RLIMIT_DATA, limits.memory_bytes + _NODE_OWN_DATA)
    argv = ["/usr/bin/prlimit", f"--cpu={_at_most(resource.RLIMIT_CPU, cpu)}:{_at_most(resource.RLIMIT_CPU, cpu + 1)}"]
    argv += [f"--{name}={_at_most(kind, value)}" for name, (kind, value) in wanted.items()]
    if not command.argv or any("\0" in argument for argument in command.argv):
        raise Rejected("A command needs a program, and arguments without NUL characters.")
    return [*argv, "--", *command.argv]


def _at_most(kind: int, value: int) -> int:
    hard = resource.getrlimit(kind)[1]
    return value if hard == resource.RLIM_INFINITY else min(value, hard)
