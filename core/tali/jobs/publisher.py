"""Sending a job's id to the workers. Losing a message loses nothing: the dispatcher sees that nobody took the job."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID

import structlog
from celery import Celery
from kombu.exceptions import OperationalError
from sqlalchemy.orm import Session

from tali.jobs.kinds import JobKind
from tali.kernel.database import after_commit
from tali.kernel.settings import Settings

log = structlog.get_logger(__name__)
TASK = "tali.run"


def create_celery(settings: Settings, *, patient: bool = False) -> Celery:
    """The Celery application: a carrier of job ids, without results, retries or schedules of its own.

    A worker is `patient` with its broker, as it has nothing else to do; whoever publishes has, and fails soon instead.
    """
    waiting: dict[str, Any] = {"socket_timeout": 10} if patient else {"socket_timeout": 2, "max_retries": 0}
    app = Celery("tali", broker=settings.redis_url, set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=False,
        task_default_queue="bulk",
        task_create_missing_queues=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=2,
        broker_pool_limit=4,
        broker_transport_options={
            "global_keyprefix": "tali:",
            **waiting,
            "socket_connect_timeout": 2,
            # A message carries an id only, and the dispatcher sends it again when nobody takes it.
            "visibility_timeout": 3600,
        },
        # Work that waits in the broker is started by whoever comes first; the row decides whether it still is due.
        task_queues=None,
        timezone="UTC",
    )
    return app


class Publisher:
    """Sends job ids. One a process."""

    def __init__(self, celery: Celery, settings: Settings) -> None:
        self._celery, self._settings = celery, settings

    def publish(self, job_id: UUID, kind: JobKind) -> bool:
        """Send one id, with the time after which the worker process is killed. False: the broker did not take it."""
        options: dict[str, Any] = {"queue": kind.queue.name, "ignore_result": True, "retry": False}
        if not kind.queue.threaded:
            options["time_limit"] = kind.seconds(self._settings)
        try:
            self._celery.send_task(TASK, args=[str(job_id)], **options)
        except (OperationalError, OSError) as error:
            log.warning("job not published, the dispatcher will", job_id=str(job_id), error=type(error).__name__)
            return False
        return True

    def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(Exception):
            self._celery.close()


_current: list[Publisher] = []


def use_publisher(publisher: Publisher | None) -> None:
    """Make this the publisher of the process; None leaves all publishing to the dispatcher's rounds."""
    _current[:] = [] if publisher is None else [publisher]


def has_publisher() -> bool:
    """Whether this process publishes what it enqueues."""
    return bool(_current)


def publish_after_commit(session: Session, job_id: UUID, kind: JobKind) -> None:
    """Send the id once the row is visible, in a process that has a publisher."""
    publisher = _current[0]

    def send() -> None:
        publisher.publish(job_id, kind)

    after_commit(session, send)
