"""The long-running processes, as commands: web, workers, dispatcher. `tali up` starts these; so does an operator."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import click
from setproctitle import setproctitle

from tali.kernel.logging import configure_logging
from tali.kernel.settings import Settings

if TYPE_CHECKING:
    from flask import Flask

PARENT_LOOK_SECONDS = 0.5
# Celery's own process titles would hide ours. It reads this when it is imported, which is later.
os.environ.setdefault("NOSETPS", "1")


@click.command()
@click.option("--processes", type=int, default=None, help="Web processes; default TALI_WEB_PROCESSES.")
def web(processes: int | None) -> None:
    """Serve HTTP."""
    settings = Settings.from_environment()
    setproctitle("tali web")
    from granian.constants import Interfaces
    from granian.server import Server

    # Imported before the server forks or spawns, so that a mistake in settings shows here, once.
    Server(
        "tali.cli.processes:web_application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=processes or settings.web_processes,
        blocking_threads=settings.web_threads,
        backlog=1024,
        respawn_failed_workers=True,
        process_name="tali web",
        workers_kill_timeout=10,
        log_enabled=False,
    ).serve()


def web_application() -> Flask:
    """What a web process of `tali web` serves."""
    from tali.web import create_app

    end_with_parent()
    return create_app()


def end_with_parent() -> None:
    """End this process when the one that started it is gone: an orphan would go on serving, and hold the port."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


@click.command()
@click.argument("pool", type=click.Choice(["interactive", "grading", "asking", "batch"]))
def worker(pool: str) -> None:
    """Run jobs: `interactive` answers turns and runs programs, `grading` grades and measures, `asking` judges.

    `batch` delivers.
    """
    settings = Settings.from_environment()
    configure_logging(settings, f"worker-{pool}")
    setproctitle(f"tali worker {pool}")
    from tali.cli.worker import run_asking, run_batch, run_grading, run_interactive

    carry = {"interactive": run_interactive, "grading": run_grading, "asking": run_asking, "batch": run_batch}
    carry[pool](settings)


@click.command()
def dispatcher() -> None:
    """Publish due jobs, take back lost ones, look after deadlines. Any number may run; one works."""
    settings = Settings.from_environment()
    configure_logging(settings, "dispatcher")
    setproctitle("tali dispatcher")
    from tali.application import create_resources
    from tali.jobs.dispatcher import dispatch_forever

    resources = create_resources(settings, application="tali-dispatcher", pool_size=2, owner=True)
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: Any) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    try:
        dispatch_forever(resources, stop)
    finally:
        resources.close()


def child_argv(*arguments: str) -> list[str]:
    """How to start one of these commands as a child, with this interpreter."""
    return [sys.executable, "-m", "tali.cli", *arguments]


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment of a child: this one, with the services that were started."""
    return {
        **os.environ,
        "TALI_DATABASE_URL": settings.owner_database_url,
        "TALI_REDIS_URL": settings.redis_url,
        "TALI_DATA_DIR": str(settings.data_dir),
        "TALI_HOST": settings.host,
        "TALI_PORT": str(settings.port),
        "TALI_HOST_PAGE_PORT": str(settings.host_page_port),
    }
