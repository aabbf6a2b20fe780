"""The statistics of agreement, against published figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tali.scoring.agreement import icc_agreement, icc_oneway, interval, weighted_kappa

# Six targets, four judges: the example of Shrout and Fleiss 1979, table 2.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
scale = st.integers(0, 10)


def test_oneway_icc_as_published() -> None:
    assert icc_oneway(SHROUT_FLEISS) == pytest.approx(0.17, abs=0.005)


def test_agreement_counts_a_difference_of_level_and_not_only_of_order() -> None:
    apart = [(float(value), value + 3.0) for value in range(8)]
    assert icc_agreement([(float(value), float(value)) for value in range(8)]) == pytest.approx(1)
    assert icc_agreement(apart) == pytest.approx(0.571, abs=0.001)


def test_kappa_is_one_for_agreement_and_about_nothing_for_chance() -> None:
    assert weighted_kappa([(value, value) for value in range(11)]) == 1
    square = [(first, second) for first in range(5) for second in range(5)]
    assert weighted_kappa(square) == pytest.approx(0)
    assert weighted_kappa([(first, 10 - first) for first in range(11)]) == pytest.approx(-1)


def test_too_little_to_tell_is_none() -> None:
    assert weighted_kappa([(1, 1)]) is None
    assert weighted_kappa([(4, 4), (4, 4)]) is None
    assert icc_agreement([(1, 2), (2, 3)]) is None
    assert icc_oneway([[1], [2]]) is None
    assert interval([(1.0, 1.0)] * 9, weighted_kappa) is None


@given(st.lists(st.tuples(scale, scale), min_size=3, max_size=40))
def test_none_of_them_exceeds_one(pairs: list[tuple[int, int]]) -> None:
    for found in (weighted_kappa(pairs), icc_agreement(pairs), icc_oneway(pairs)):
        assert found is None or found <= 1 + 1e-9


def test_an_interval_holds_what_it_is_about() -> None:
    pairs = [(float(value), float(min(value + value % 3, 10))) for value in [*range(11)] * 3]
    found, value = interval(pairs, icc_agreement), icc_agreement(pairs)
    assert found is not None
    assert value is not None
    assert found[0] < value < found[1]
    assert interval(pairs, icc_agreement) == found
