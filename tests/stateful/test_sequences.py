"""Whatever people, candidates, jobs and the clock do in whatever order, the state machines hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck
from hypothesis.stateful import run_state_machine_as_test

from tali.jobs import worker
from tali.jobs.resources import Resources
from tests.stateful.ground import STAGES, World
from tests.stateful.keeping import Keeping
from tests.stateful.providers import offered
from tests.stateful.watch import watching

PIECES, PIECE = 20, 50
STEPS = 30


@pytest.fixture
def world(
    make_tenant: Callable[[], Any],
    run_jobs: Callable[[Any], int],
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """A watched database, quick providers beside the real ones, and a neighbour with work of their own."""
    for key, provider in offered().items():
        monkeypatch.setitem(resources.plugins._providers, key, provider)
    # A job that is tried again waits for time that a sequence lets pass, not for the machine to be slow.
    monkeypatch.setattr(worker, "BACKOFF", (60,))
    neighbour = make_tenant()
    candidate = neighbour.candidate()
    assert candidate.type("# mine\n").status == 200
    neighbour.invite("waiting@example.com")
    with watching(resources) as watch:
        yield World(make_tenant, run_jobs, watch, neighbour)


def run(world: World, stage: str, sequences: int, seed: int | None = None) -> None:
    settings = hypothesis.settings(
        max_examples=sequences,
        stateful_step_count=STEPS,
        derandomize=seed is None,
        database=None,
        deadline=None,
        print_blob=False,
        # Each step is requests and rows: making a failure smaller takes longer than reading it as it is.
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def begin() -> Keeping:
        return Keeping(world, stage)

    if seed is not None:
        begin = hypothesis.seed(seed)(begin)
    run_state_machine_as_test(begin, settings=settings)


@pytest.mark.parametrize("stage", STAGES)
def test_no_sequence_of_requests_breaks_a_state_machine(world: World, stage: str) -> None:
    run(world, stage, 7)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("piece", range(PIECES))
def test_a_thousand_sequences_break_none(world: World, piece: int) -> None:
    run(world, STAGES[piece % len(STAGES)], PIECE, seed=piece)
