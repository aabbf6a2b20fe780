"""Real people's sessions through measuring and judging: nothing breaks, nothing can be padded, nobody is flagged."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from benchmarks import real_sessions, scoring
from tests.fakes.judging import honest
from tests.security.attacks.suite import DISGUISED, KNOWN, attacks

from tali.sdk import SessionRecord
from tali.sdk.scanning import find_planted

pytestmark = pytest.mark.skipif(
    not real_sessions.available(), reason="the RealHumanEval sessions are not on this machine"
)


@pytest.fixture(scope="module")
def everybody() -> Mapping[str, SessionRecord]:
    return real_sessions.load().records


@pytest.fixture(scope="module")
def some(everybody: Mapping[str, SessionRecord]) -> Mapping[str, SessionRecord]:
    """Every tenth session."""
    return dict(list(everybody.items())[::10])


def test_they_are_measured_and_judged_with_one_request_each(judge, server, some) -> None:
    server.script = honest()
    run = scoring.run_all(some, judge())
    assert run.crashes == 0
    assert len(server.requests) == sum(bool(record.prompts) for record in some.values())
    for judgement in run.judgements.values():
        assert all(result.value is None or result.evidence for result in judgement.results)
        assert judgement.dropped == {}
        assert judgement.left_out == ()
    assert {row["signal"] for row in scoring.distributions(run)} >= {"prompt_speed", "prompt_clarity"}
    assert all(-1 <= row["spearman"] <= 1 for row in scoring.correlations(run))


def test_filler_makes_no_measured_signal_better(some) -> None:
    gains, compared = scoring.padding_gains(some)
    assert gains == []
    assert compared > len(some), "there is something to compare"


def test_honest_people_are_not_flagged(everybody) -> None:
    flagged = [name for name, record in everybody.items() if find_planted(record)]
    assert len(flagged) <= 0.02 * len(everybody), flagged


def test_plain_attacks_are_found_in_real_sessions(some) -> None:
    counts = scoring.by_class(attacks(KNOWN), [record for record in some.values() if record.prompts])
    plain = [found for kind, found in counts.items() if kind not in DISGUISED]
    assert sum(hits for _, hits in plain) >= 0.95 * sum(number for number, _ in plain)


def test_ranks_share_their_places() -> None:
    assert scoring.spearman([(1, 10), (2, 20), (3, 30)]) == 1
    assert scoring.spearman([(1, 3), (2, 2), (3, 1)]) == -1
    assert scoring.spearman([(1, 1), (1, 2), (1, 3)]) is None
