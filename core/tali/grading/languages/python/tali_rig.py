"""Loaded into the test run: puts the candidate's code on the path, and lets no single test use up everybody's time."""

import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType

import pytest

SECONDS_PER_TEST = 5.0

sys.path.insert(0, os.getcwd())


class TookTooLong(BaseException):
    """Not an Exception, so that the code under test does not swallow it."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    def stop(signum: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"stopped after {SECONDS_PER_TEST:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS_PER_TEST)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    except TookTooLong as late:
        pytest.fail(str(late), pytrace=False)
