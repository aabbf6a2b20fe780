"""The interpreter that candidate code runs on, and the read-only grading tools (pytest, ruff, lizard)."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tali.sdk import SandboxUnavailable

LOCK_FILE = Path(__file__).with_name("toolchain.lock")
_SYSTEM_PYTHON = Path("/usr/bin/python3")
_OLDEST = (3, 11)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python. `prefix` is the folder to show inside the sandbox, None when it lives under /usr, shown anyway."""

    executable: Path
    prefix: Path | None
    version: str


@functools.lru_cache(maxsize=4)
def find_interpreter(chosen: str = "") -> Interpreter:
    """The interpreter for candidates: `chosen`, else the system's if it is new enough, else the one we run on.

    Raises:
        SandboxUnavailable: `chosen` does not run, or is too old.
    """
    if chosen:
        facts = _ask(Path(chosen))
        if facts is None:
            raise SandboxUnavailable(f"{chosen} is not a Python 3.11 or newer.", "Set TALI_SANDBOX_PYTHON to one.")
        return facts
    return _ask(_SYSTEM_PYTHON) or _describe(Path(sys.executable), sys.base_prefix, sys.version_info[:3])


def _ask(executable: Path) -> Interpreter | None:
    question = "import sys; print(*sys.version_info[:3], sys.base_prefix)"
    try:
        answer = subprocess.run([executable, "-I", "-S", "-c", question], capture_output=True, text=True, timeout=10)
        major, minor, micro, prefix = answer.stdout.strip().split(" ", 3)
        version = (int(major), int(minor), int(micro))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return _describe(executable, prefix, version) if version[:2] >= _OLDEST else None


def _describe(executable: Path, prefix: str, version: tuple[int, ...]) -> Interpreter:
    real = executable.resolve()
    in_system = real.is_relative_to("/usr") and not real.is_relative_to("/usr/local")
    return Interpreter(real, None if in_system else Path(prefix).resolve(), ".".join(map(str, version)))


class Toolchain:
    """Installs the tools once per lock file and interpreter, and says where they are."""

    def __init__(self, folder: Path, interpreter: Interpreter) -> None:
        minor = interpreter.version.rsplit(".", 1)[0]
        fingerprint = hashlib.sha256(LOCK_FILE.read_bytes() + f"{minor} {os.uname().machine}".encode()).hexdigest()[:16]
        self.path = folder / fingerprint
        self._interpreter = interpreter

    def is_installed(self) -> bool:
        """Whether `path` can be bound into a sandbox."""
        return self.path.is_dir()

    def install(self, progress: Callable[[str], None]) -> None:
        """Make `path` exist. Fast when it does; a second process that asks meanwhile waits for the first.

        Raises:
            SandboxUnavailable: pip could not install them; carries the last line of what it said.
        """
        if self.is_installed():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with _held(self.path.with_suffix(".lock")):
            if self.is_installed():
                return
            progress("Installing the grading tools (pytest, ruff, lizard) …")
            building = Path(tempfile.mkdtemp(prefix="building-", dir=self.path.parent))
            try:
                self._fill(building)
                # Only a whole installation ever carries the final name.
                building.rename(self.path)
            finally:
                shutil.rmtree(building, ignore_errors=True)
            progress("The grading tools are installed.")

    def _fill(self, folder: Path) -> None:
        with _installer() as (argv, environment):
            done = subprocess.run(
                [*argv, "--require-hashes", "--only-binary", ":all:", "--target", folder, "-r", LOCK_FILE],
                capture_output=True,
                text=True,
                env=os.environ | environment,
            )
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise SandboxUnavailable(
                f"The grading tools could not be installed: {said[-1] if said else 'pip said nothing'}.",
                "Check the connection to your package index, then run: tali up",
            )
        # Sandboxes see the folder read-only, so that its byte code must be there before they do. "unchecked": the
        # content never changes, and copies with other times stay valid.
        subprocess.run(
            [self._interpreter.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", folder],
            capture_output=True,
            check=False,
        )
        for place, _, names in os.walk(folder):
            for path in (place, *(os.path.join(place, name) for name in names)):
                os.chmod(path, 0o755 if os.access(path, os.X_OK) else 0o644)


@contextmanager
def _held(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _installer() -> Iterator[tuple[list[str], dict[str, str]]]:
    """An argument list that installs packages: this environment's pip, else uv, else the pip that Python ships."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]
    if importlib.util.find_spec("pip") is not None:
        yield pip, {}
        return
    if (uv := shutil.which("uv")) is not None:
        yield [uv, "pip", "install", "--quiet", "--no-deps"], {}
        return
    if importlib.util.find_spec("ensurepip") is not None:
        import ensurepip

        for wheel in (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"):
            yield pip, {"PYTHONPATH": str(wheel)}
            return
    raise SandboxUnavailable("The grading tools need pip to be installed.", "Install pip or uv, then run: tali up")
