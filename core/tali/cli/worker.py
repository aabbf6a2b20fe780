"""Carriers of job ids, one a pool: grading and batch fork processes that can be killed, the others have threads."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
import warnings
from typing import Any
from uuid import UUID

import psutil
import structlog
from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import worker_process_init, worker_process_shutdown
from redis.exceptions import RedisError

from tali.application import create_resources, import_jobs
from tali.cli.processes import end_with_parent
from tali.jobs import worker
from tali.jobs.kinds import CONTROL
from tali.jobs.publisher import TASK, create_celery
from tali.jobs.resources import Resources
from tali.kernel.settings import Settings
from tali.plugins import Configured, PluginFault, ProviderUnknown, effective_settings, isolated
from tali.sdk import ConfigurationMissing, PluginError
from tali.workspace.service import SANDBOX_STATE_KEY

log = structlog.get_logger(__name__)
GRADING_QUEUES = "grading,judging"
ASKING_QUEUES = "asking"
ASKING_THREADS = 6
BATCH_QUEUES = "delivery,bulk"
BATCH_PROCESSES = 1
"""Deliveries mostly wait, and may. Who has many starts more of these workers."""
CONTROL_THREADS = 2
SANDBOX_CHECK_SECONDS = 60
MEMORY_LOOK_SECONDS = 0.25


def run_interactive(settings: Settings) -> None:
    """Carry turns and runs in threads (they wait far more than they compute), and core's closing jobs in others."""
    watch_memory(settings.worker_memory_mb)
    resources = create_resources(
        settings, application="tali-interactive", pool_size=max(8, settings.interactive_threads // 3)
    )
    celery = create_celery(settings, patient=True)
    _register(celery, lambda: resources)
    stop = threading.Event()
    threading.Thread(target=_watch_sandbox, args=(resources, stop), name="sandbox-watch", daemon=True).start()
    control = [
        threading.Thread(target=_carry_control, args=(celery, resources, stop), name="control", daemon=True)
        for _ in range(CONTROL_THREADS)
    ]
    for thread in control:
        thread.start()
    try:
        _start(celery, "threads", settings.interactive_threads, "interactive")
    finally:
        stop.set()
        for thread in control:
            thread.join(5)
        resources.close()


def run_grading(settings: Settings) -> None:
    """Carry grading and judging in processes of their own, so that no delivery holds up a score."""
    _run_processes(settings, "grading", settings.worker_processes, GRADING_QUEUES)


def run_asking(settings: Settings) -> None:
    """Carry what waits for a model, in threads: whole sessions are in memory meanwhile, so that they are few."""
    watch_memory(settings.worker_memory_mb)
    resources = create_resources(settings, application="tali-asking", pool_size=ASKING_THREADS)
    celery = create_celery(settings, patient=True)
    _register(celery, lambda: resources)
    try:
        _start(celery, "threads", ASKING_THREADS, ASKING_QUEUES)
    finally:
        resources.close()


def run_batch(settings: Settings) -> None:
    """Carry deliveries and bulk work, which may wait."""
    _run_processes(settings, "batch", BATCH_PROCESSES, BATCH_QUEUES)


def _run_processes(settings: Settings, name: str, processes: int, queues: str) -> None:
    """Carry jobs in processes: a hard time limit kills one, and the pool replaces it."""
    # Loaded before the fork, so that the children share the memory.
    import_jobs()
    celery = create_celery(settings, patient=True)
    held: list[Resources] = []
    _register(celery, lambda: held[0])

    @worker_process_init.connect(weak=False)
    def open_resources(**_: Any) -> None:
        held[:] = [create_resources(settings, application=f"tali-{name}", pool_size=2)]
        watch_memory(settings.worker_memory_mb)
        end_with_parent()

    @worker_process_shutdown.connect(weak=False)
    def close_resources(**_: Any) -> None:
        with contextlib.suppress(Exception):
            held[0].close()

    # One that leaks slowly is replaced between two jobs, well before it would have to be killed in one. In KiB.
    celery.conf.worker_max_memory_per_child = settings.worker_memory_mb * 1024 // 2
    _start(celery, "prefork", processes, queues)


def watch_memory(megabytes: int) -> None:
    """End this process when it has grown too large: what leaks in a plugin costs a worker, not the machine.

    By signal, as the kernel would do it later and less choosily: the jobs' leases lapse, and others take them.
    """
    limit = megabytes * 1024 * 1024
    process = psutil.Process()

    def watch() -> None:
        while (size := process.memory_info().rss) < limit:
            time.sleep(MEMORY_LOOK_SECONDS)
        log.error("worker ends itself: too much memory", megabytes=size // 2**20, limit=megabytes)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="memory-watch", daemon=True).start()


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


def _carry_control(celery: Celery, resources: Resources, stop: threading.Event) -> None:
    """Carry core's closing jobs in a thread that no plugin ever holds: deadlines are kept whatever plugins do.

    A Celery worker has one pool, so these ids are taken from the broker by hand.
    """
    while not stop.is_set():
        try:
            with celery.connection_for_read() as connection, connection.SimpleQueue(CONTROL.name, no_ack=True) as queue:
                while not stop.is_set():
                    with contextlib.suppress(queue.Empty):
                        (job_id,), _, _ = queue.get(timeout=1).payload
                        worker.run(resources, UUID(job_id))
        except Exception as error:
            # The broker or the database went away; the dispatcher sends again what was lost by it.
            log.warning("control thread starts again", error=f"{type(error).__name__}: {error}")
            stop.wait(1)


def _watch_sandbox(resources: Resources, stop: threading.Event) -> None:
    """Tell the web processes whether code can run, in words, so that a candidate learns it before pressing Run."""
    names = {resources.settings.sandbox}
    for provider in resources.plugins.providers("sandboxes"):
        # Also those that an organisation may have chosen, where they need nothing of its own.
        with contextlib.suppress(ConfigurationMissing):
            effective_settings(provider.spec, Configured(), resources.plugins.environ)
            names.add(provider.spec.name)
    while True:
        for name in names:
            _look_at_sandbox(resources, name)
        if stop.wait(SANDBOX_CHECK_SECONDS):
            return


def _look_at_sandbox(resources: Resources, name: str) -> None:
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
