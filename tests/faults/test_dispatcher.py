"""A dispatcher that is paused holds up nobody, and deadlines are kept while everything that runs plugins hangs."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.stack import Stack, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.timeout(240)]
LOCK_HOLDER = """
SELECT a.pid, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND a.application_name LIKE 'tali-dispatcher%%'
"""


@contextmanager
def second_dispatcher(stack: Stack) -> Iterator[None]:
    with stack.log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tali.cli", "dispatcher"], env=stack.environment, stdout=output, stderr=output
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def paused(processes: list[psutil.Process]) -> Iterator[None]:
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)


def end_the_time_of(stack: Stack, candidate) -> None:
    stack.execute(
        "UPDATE attempt SET deadline = clock_timestamp() - interval '1 second' WHERE assessment_id = %s",
        candidate.assessment["id"],
    )


def is_submitted(stack: Stack, candidate) -> bool:
    [(state,)] = stack.query("SELECT state FROM attempt WHERE assessment_id = %s", candidate.assessment["id"])
    return state == "submitted"


def test_a_paused_dispatcher_is_replaced_by_one_that_stands_by(stack: Stack) -> None:
    candidate = stack.candidate()
    [before] = wait_until(lambda: stack.query(LOCK_HOLDER), 20)
    with second_dispatcher(stack):
        with paused(stack.processes()["dispatcher"]):
            end_the_time_of(stack, candidate)
            wait_until(lambda: is_submitted(stack, candidate), 25)
            [after] = stack.query(LOCK_HOLDER)
            assert after != before
        # Awake again, it finds its lock gone and stands by.
        wait_until(lambda: stack.query(LOCK_HOLDER) == [after], 10)


def test_deadlines_are_kept_while_grading_and_deliveries_hang(stack: Stack) -> None:
    candidate = stack.candidate()
    found = stack.processes()
    with paused([*found["grading"], *found["grading parent"], *found["batch"], *found["batch parent"]]):
        end_the_time_of(stack, candidate)
        wait_until(lambda: is_submitted(stack, candidate), 10)
