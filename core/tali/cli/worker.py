"""Celery, as the carrier of job ids: the batch pool forks processes that can be killed, the interactive one threads."""

from __future__ import annotations

import contextlib
import sys
import threading
import warnings
from typing import Any
from uuid import UUID

import structlog
from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import worker_process_init, worker_process_shutdown
from redis.exceptions import RedisError

from tali.application import create_resources, import_jobs
from tali.jobs import worker
from tali.jobs.publisher import TASK, create_celery
from tali.jobs.resources import Resources
from tali.kernel.settings import Settings
from tali.plugins import PluginFault, ProviderUnknown, isolated
from tali.sdk import PluginError
from tali.workspace.service import SANDBOX_STATE_KEY

log = structlog.get_logger(__name__)
BATCH_QUEUES = "grading,judging,delivery,bulk"
SANDBOX_CHECK_SECONDS = 60


def run_interactive(settings: Settings) -> None:
    """Carry turns and runs in threads: they wait far more than they compute."""
    resources = create_resources(
        settings, application="tali-interactive", pool_size=max(8, settings.interactive_threads)
    )
    celery = create_celery(settings)
    _register(celery, lambda: resources)
    stop = threading.Event()
    threading.Thread(target=_watch_sandbox, args=(resources, stop), name="sandbox-watch", daemon=True).start()
    try:
        _start(celery, "threads", settings.interactive_threads, "interactive")
    finally:
        stop.set()
        resources.close()


def run_batch(settings: Settings) -> None:
    """Carry everything else in processes: a hard time limit kills one, and the pool replaces it."""
    # Loaded before the fork, so that the children share the memory.
    import_jobs()
    celery = create_celery(settings)
    held: list[Resources] = []
    _register(celery, lambda: held[0])

    @worker_process_init.connect(weak=False)
    def open_resources(**_: Any) -> None:
        held[:] = [create_resources(settings, application="tali-batch", pool_size=2)]

    @worker_process_shutdown.connect(weak=False)
    def close_resources(**_: Any) -> None:
        with contextlib.suppress(Exception):
            held[0].close()

    _start(celery, "prefork", settings.worker_processes, BATCH_QUEUES)


def _register(celery: Celery, resources: Any) -> None:
    @celery.task(name=TASK)
    def run(job_id: str) -> None:
        worker.run(resources(), UUID(job_id))


def _start(celery: Celery, pool: str, concurrency: int, queues: str) -> None:
    # Celery warns root about pickled messages; ours are JSON, and hold an id.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    carrier = celery.Worker(
        pool=pool,
        concurrency=concurrency,
        queues=queues,
        quiet=True,
        without_heartbeat=True,
        without_gossip=True,
        without_mingle=True,
        loglevel="WARNING",
    )
    carrier.start()
    sys.exit(carrier.exitcode)


def _watch_sandbox(resources: Resources, stop: threading.Event) -> None:
    """Tell the web processes whether code can run here, in words, so that a candidate learns it before pressing Run."""
    name = resources.settings.sandbox
    while True:
        problem = ""
        try:
            plugin = resources.plugins.provider("sandboxes", name).plugin
            with isolated(plugin):
                resources.plugins.sandbox(name).check()
        except (PluginError, PluginFault, ProviderUnknown) as error:
            problem = str(error)
            log.warning("candidate code cannot run", sandbox=name, reason=problem)
        with contextlib.suppress(RedisError):
            resources.valkey.set(f"{SANDBOX_STATE_KEY}{name}", problem, ex=5 * SANDBOX_CHECK_SECONDS)
        if stop.wait(SANDBOX_CHECK_SECONDS):
            return
