"""`tali up`: the production topology on one machine, from nothing, with one Ctrl-C that leaves no process behind."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

import click

from tali.cli.embedded import EmbeddedPostgres, EmbeddedValkey, ServiceError
from tali.cli.forking import ForkedProcess, launch, load_for_forking
from tali.cli.processes import child_argv, child_environment
from tali.kernel.settings import SERVICES_FILE, Settings, SettingsError

GRACE_SECONDS = 12.0
QUICK_DEATH_SECONDS = 5.0


def say(sentence: str) -> None:
    """Progress, for a person who waits."""
    click.echo(click.style("  · ", fg="magenta") + sentence)


@dataclass
class Child:
    """A process that is kept running."""

    name: str
    argv: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | ForkedProcess | None = None
    started: float = 0.0
    deaths: int = 0
    not_before: float = 0.0

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = launch(self.argv, self.environment)


class Supervisor:
    """Starts children, restarts the ones that die and says why, stops all of them in the opposite order."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.stopping = False

    def start(self, name: str, argv: list[str], environment: dict[str, str]) -> None:
        child = Child(name, argv, environment)
        child.start()
        self.children.append(child)

    def look_after(self) -> None:
        """One look: restart what died, at once the first time, with a growing pause when it dies young."""
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.not_before:
                    child.start()
                continue
            code = child.process.poll()
            if code is None:
                continue
            young = time.monotonic() - child.started < QUICK_DEATH_SECONDS
            child.deaths = child.deaths + 1 if young else 0
            pause = min(2**child.deaths - 1, 30)
            why = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            click.echo(f"{child.name} {why}; starting it again{f' in {pause} s' if pause else ''}", err=True)
            child.process = None
            child.not_before = time.monotonic() + pause

    def stop(self) -> None:
        """Ask everything to end, wait, and end what does not."""
        self.stopping = True
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(deadline - time.monotonic(), 0.1))
            # The whole group: a worker's children must not outlive it.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Interrupted(Exception):
    """Ctrl-C or a polite signal."""


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise Interrupted


@click.command()
@click.option("--sample/--no-sample", default=True, help="A ready candidate session and the sample host page.")
def up(sample: bool) -> None:
    """Start everything on this machine: database, queue, web, workers, sample host page."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        settings = Settings.from_environment()
        _require_alone(settings)
        settings = Settings.from_environment()
        if settings.ready_file:
            Path(settings.ready_file).unlink(missing_ok=True)
        held = {"port": hold_port(settings.host, settings.port)}
        if sample:
            held["host_page_port"] = hold_port("127.0.0.1", settings.host_page_port)
        settings = replace(settings, **{name: holder.getsockname()[1] for name, holder in held.items()})
    except (SettingsError, ServiceError) as error:
        raise click.ClickException(str(error)) from None
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    supervisor, postgres, valkey = Supervisor(), EmbeddedPostgres(settings.data_dir), EmbeddedValkey(settings.data_dir)
    services: list[tuple[str, Callable[[], int | None], Callable[[], object]]] = []
    try:
        began = time.monotonic()
        click.echo(click.style("TALI", bold=True) + " is starting")
        if not settings.redis_url:
            settings = replace(settings, redis_url=valkey.start())
            services.append(("Valkey", valkey.poll, valkey.start))
        if not settings.owner_database_url:
            settings = replace(settings, owner_database_url=postgres.start(say, meanwhile=load_for_forking))
            services.append(("PostgreSQL", postgres.poll, lambda: postgres.start(say)))
        _leave_addresses(settings)
        environment = child_environment(settings)
        _prepare(settings, environment)
        let_in(held["port"])
        supervisor.start("web", child_argv("web"), environment)
        supervisor.start("worker (interactive)", child_argv("worker", "interactive"), environment)
        supervisor.start("worker (grading)", child_argv("worker", "grading"), environment)
        supervisor.start("worker (asking)", child_argv("worker", "asking"), environment)
        supervisor.start("worker (batch)", child_argv("worker", "batch"), environment)
        supervisor.start("dispatcher", child_argv("dispatcher"), environment)
        seeded = _seed(settings, environment, sample)
        if sample:
            let_in(held["host_page_port"])
            supervisor.start("sample host page", *_host_page(settings, seeded, environment))
        _await_answers(settings, supervisor, sample)
        _announce(settings, seeded, sample, time.monotonic() - began)
        while True:
            supervisor.look_after()
            _look_after_services(services)
            time.sleep(0.25)
    except Interrupted:
        click.echo("\nStopping")
    except (SettingsError, ServiceError) as error:
        raise click.ClickException(str(error)) from None
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if settings.ready_file:
            Path(settings.ready_file).unlink(missing_ok=True)
        supervisor.stop()
        (settings.data_dir / SERVICES_FILE).unlink(missing_ok=True)
        postgres.stop()
        valkey.stop()


def _leave_addresses(settings: Settings) -> None:
    """Let the other commands find what runs here. The addresses hold a password: for this user's eyes only."""
    path = settings.data_dir / SERVICES_FILE
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        services = {name: getattr(settings, name) for name in ("owner_database_url", "redis_url", "port")}
        json.dump(services, file)


def _require_alone(settings: Settings) -> None:
    """One `tali up` a data folder: two would fight over the database."""
    path = settings.data_dir / "up.pid"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    holder = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pid = os.read(holder, 20).decode() or "?"
        raise ServiceError(
            f"TALI is running already in {settings.data_dir} (process {pid}). Stop it, or choose another folder: "
            "TALI_DATA_DIR=.tali-2 make run"
        ) from None
    os.ftruncate(holder, 0)
    os.write(holder, str(os.getpid()).encode())
    # A leftover of a killed run would lead the embedded addresses of that run into this one.
    (settings.data_dir / SERVICES_FILE).unlink(missing_ok=True)


def hold_port(host: str, port: int) -> socket.socket:
    """Take a port (0: any) before anything is set up on it, and keep it from others until our server listens on it.

    The web server shares its port with whoever else wants to share it, so two TALIs on one port would answer in turns.
    """
    holder = socket.socket()
    try:
        try:
            holder.bind((host, port))
        except OSError:
            # Perhaps only connections of an earlier run that have not quite ended: then this holds, though less firmly.
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind((host, port))
    except OSError as error:
        holder.close()
        raise ServiceError(
            f"Port {port} on {host} cannot be used ({error.strerror}). Stop what uses it, or choose others: "
            f"TALI_PORT=8010 TALI_HOST_PAGE_PORT=8011 make run"
        ) from None
    return holder


def let_in(holder: socket.socket) -> None:
    """Let our own server onto a held port; from when it listens, it keeps others out."""
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def _prepare(settings: Settings, environment: dict[str, str]) -> None:
    """Migrate, when there is something to migrate; in a child, so that Alembic's memory is given back."""
    from tali.cli import schema

    if schema.current(settings) != schema.head():
        say("Bringing the database to this version")
        _run(child_argv("db", "upgrade"), environment)
    else:
        # A lost or dropped key changes the password of the requests' role; this is one connection, not a child.
        schema.ensure_app_role(settings)


def _seed(settings: Settings, environment: dict[str, str], sample: bool) -> dict[str, str]:
    with tempfile.NamedTemporaryFile(dir=settings.data_dir, suffix=".json") as answer:
        _run(child_argv("seed", "--json-file", answer.name, *(["--sample"] if sample else [])), environment)
        seeded: dict[str, str] = json.loads(answer.read())
    return seeded


def _run(argv: list[str], environment: dict[str, str]) -> None:
    if launch(argv, environment).wait() != 0:
        raise ServiceError(f"`tali {' '.join(argv[3:])}` failed; its last words are above.")


def _host_page(
    settings: Settings, seeded: dict[str, str], environment: dict[str, str]
) -> tuple[list[str], dict[str, str]]:
    argv = [sys.executable, "-m", "tali.embed.sample_host", "--port", str(settings.host_page_port)]
    own = {
        "PATH": environment.get("PATH", ""),
        "PYTHONUNBUFFERED": "1",
        "TALI_URL": settings.public_url,
        "TALI_API_KEY": seeded["api_key"],
        "TALI_SAMPLE_ASSESSMENT_ID": seeded["assessment_id"],
    }
    return argv, own


def _await_answers(settings: Settings, supervisor: Supervisor, sample: bool) -> None:
    addresses = [f"http://{settings.host}:{settings.port}/health/live"]
    if sample:
        addresses.append(f"http://127.0.0.1:{settings.host_page_port}/")
    deadline = time.monotonic() + 60
    for address in addresses:
        while True:
            try:
                urlopen(address, timeout=2).close()
            except (URLError, OSError):
                if time.monotonic() > deadline:
                    raise ServiceError(f"{address} did not answer within a minute.") from None
                supervisor.look_after()
                time.sleep(0.03)
            else:
                break


def _announce(settings: Settings, seeded: dict[str, str], sample: bool, seconds: float) -> None:
    url = settings.public_url
    host_page = f"http://localhost:{settings.host_page_port}/"
    rows = [("Recruiter", seeded["owner_link"], "signs the first owner in, once")]
    if sample:
        rows.append(("Candidate", host_page, "a sample host page with a ready session"))
        rows.append(("", seeded["session_link"], "the same session by invitation link"))
    if settings.environment == "development" and not settings.notifier:
        rows.append(("Mailbox", f"{url}/dev/mailbox", "what TALI mails, while no notifier is set"))
    rows.append(("API docs", f"{url}/api/docs", ""))
    click.echo(click.style(f"\nTALI is ready ({seconds:.1f} s)\n", fg="green", bold=True))
    for name, address, note in rows:
        click.echo(f"  {name:<10} {click.style(address, underline=True)}")
        if note:
            click.echo(click.style(f"             {note}", dim=True))
    click.echo("\n  Ctrl-C stops everything.\n")
    if settings.ready_file:
        ready = {
            "url": url,
            "host_page_url": host_page if sample else None,
            "owner_link": seeded["owner_link"],
            "session_link": seeded.get("session_link"),
            "pid": os.getpid(),
        }
        partial = Path(f"{settings.ready_file}.partial")
        partial.write_text(json.dumps(ready))
        partial.rename(settings.ready_file)


def _look_after_services(
    services: list[tuple[str, Callable[[], int | None], Callable[[], object]]],
) -> None:
    for name, poll, start in services:
        code = poll()
        if code is not None:
            click.echo(f"{name} ended with {code}; starting it again", err=True)
            start()
