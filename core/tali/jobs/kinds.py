"""Job kinds: what can be done in the background, on which queue, and what a crash in mid-effect means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy.orm import Session

from tali.kernel.settings import Settings

if TYPE_CHECKING:
    from tali.jobs.context import JobContext

Effect = Literal["idempotent", "repeatable", "ambiguous"]
"""`idempotent`: repeating changes nothing (a key goes with the call). `repeatable`: it may run once more, and both runs
are on record. `ambiguous`: nobody can tell whether it happened; after a crash it stops and shows itself to a human."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A lane of work.

    `cap` bounds what one organisation has in flight; what is over it waits for the dispatcher, so that 10,000 bulk
    invitations delay no submit. `lease` is how long a silent worker keeps its claim, in seconds. `immediate` jobs are
    sent when their cause commits, others by the dispatcher. `threaded` ones run in threads, which nobody can kill. Jobs
    that are not `counted` are sent without a look at the cap: somebody waits, and each attempt has one at a time.
    """

    name: str
    cap: int
    lease: float
    immediate: bool
    threaded: bool = False
    counted: bool = True


INTERACTIVE = Queue("interactive", cap=10_000, lease=8, immediate=True, threaded=True, counted=False)
GRADING = Queue("grading", cap=16, lease=15, immediate=True)
JUDGING = Queue("judging", cap=8, lease=30, immediate=True)
ASKING = Queue("asking", cap=8, lease=15, immediate=True, threaded=True)
"""For jobs that wait for a model, minutes at times: beside the others, so that no test run waits behind one."""
DELIVERY = Queue("delivery", cap=8, lease=30, immediate=False)
BULK = Queue("bulk", cap=4, lease=30, immediate=False)
CONTROL = Queue("control", cap=1000, lease=8, immediate=True, threaded=True)
"""For jobs of core alone that close what is over. No plugin runs in one, so that no plugin can hold up a deadline."""
QUEUES = {queue.name: queue for queue in (INTERACTIVE, GRADING, JUDGING, ASKING, DELIVERY, BULK, CONTROL)}

Perform = Callable[["JobContext", dict[str, Any]], None]
TimeLimit = float | Callable[[Settings], float]


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job.

    Args:
        perform: does it; every write goes through `context.transaction()`.
        abandoned: called once, in place of `perform`, when no attempt is left: closes what the job was for.
        time_limit: seconds after which the worker process is killed (interactive jobs watch their own deadlines), or
            which setting says so.
    """

    name: str
    queue: Queue
    effect: Effect
    perform: Perform
    abandoned: Perform | None
    max_attempts: int
    time_limit: TimeLimit

    def seconds(self, settings: Settings) -> float:
        """The time limit in this deployment."""
        return self.time_limit(settings) if callable(self.time_limit) else self.time_limit


KINDS: dict[str, JobKind] = {}
SUBSCRIPTIONS: dict[str, list[str]] = {}
SWEEPS: list[tuple[str, float, Callable[[Session, datetime], None]]] = []


def job_kind(
    name: str,
    queue: Queue,
    effect: Effect,
    *,
    max_attempts: int = 5,
    time_limit: TimeLimit = 120,
    abandoned: Perform | None = None,
    on: str | None = None,
) -> Callable[[Perform], Perform]:
    """Register a function as a job kind; `on` also subscribes it to a domain event, whose data becomes its payload."""

    def register(perform: Perform) -> Perform:
        if name in KINDS:
            raise RuntimeError(f"two job kinds are called {name}")
        KINDS[name] = JobKind(name, queue, effect, perform, abandoned, max_attempts, time_limit)
        if on is not None:
            SUBSCRIPTIONS.setdefault(on, []).append(name)
        return perform

    return register


def sweep(
    name: str, every: float
) -> Callable[[Callable[[Session, datetime], None]], Callable[[Session, datetime], None]]:
    """Register a look across all organisations that the dispatcher takes every so many seconds, as the owner.

    It only finds what is due and enqueues jobs or makes one guarded move; it calls no plugin.
    """

    def register(look: Callable[[Session, datetime], None]) -> Callable[[Session, datetime], None]:
        SWEEPS.append((name, every, look))
        return look

    return register
