"""Weighted results against a case worked by hand, and by their properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rating.surveys.estimates import Estimate, StratumAnswers, plain_estimate, stratified_estimate

SHARES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), max_size=12)
STRATA = st.lists(st.tuples(SHARES, st.integers(0, 400)), min_size=1, max_size=6)


def estimate(*strata: tuple[int, list[float]]) -> Estimate:
    found = stratified_estimate([StratumAnswers(population, values) for population, values in strata])
    assert found is not None
    return found


def width(found: Estimate) -> float:
    assert found.low is not None
    assert found.high is not None
    return found.high - found.low


def test_a_case_worked_by_hand() -> None:
    """Two strata of 60 and 40 dossiers with 6 and 4 answers.

    ȳ₁ = 4/6, ȳ₂ = 3/4; ȳ = 0.6·0.6667 + 0.4·0.75 = 0.7.
    s₁² = (4·(1/3)² + 2·(2/3)²) / 5 = 4/15, s₂² = (3·(1/4)² + (3/4)²) / 3 = 1/4.
    v = 0.36·(1 − 0.1)·(4/15)/6 + 0.16·(1 − 0.1)·(1/4)/4 = 0.0144 + 0.009 = 0.0234.
    n* = 0.21 / 0.0234 = 8.9744; with z = 1.96: Wilson's middle (0.7 + 0.21402) / 1.42805 = 0.64005,
    half of its width 1.95996·√(0.0234 + 0.01192) / 1.42805 = 0.25795.
    """
    found = estimate((60, [1, 1, 1, 1, 0, 0]), (40, [1, 1, 1, 0]))
    assert found.value == pytest.approx(0.7)
    assert [found.low, found.high] == pytest.approx([0.38210, 0.89800], abs=2e-5)
    assert (found.answers, found.covered) == (10, 1.0)


def test_weights_follow_the_population_not_the_answers() -> None:
    # one of ten dossiers is in the first stratum, though it has most answers
    assert estimate((10, [0] * 9), (90, [1, 1])).value == pytest.approx(0.9)


def test_where_all_are_satisfied_the_lower_limit_is_not_a_hundred_per_cent() -> None:
    found = estimate((1000, [1] * 30), (1000, [1] * 30))
    # v is 0; of the design alone: 1/n* = 2·0.25·0.97/30, so the lower limit is 1 / (1 + 1.96²·0.016167)
    assert found.value == found.high == 1
    assert found.low == pytest.approx(1 / (1 + 3.841459 * 0.5 * 0.97 / 30), abs=1e-6)


def test_whoever_has_asked_everybody_knows() -> None:
    found = estimate((4, [1, 1, 0, 1]), (2, [0, 1]))
    assert found.low == pytest.approx(found.value) == found.high == pytest.approx(4 / 6)
    # more answers than dossiers, by papers that were entered besides
    assert estimate((2, [1, 0, 1])).low == pytest.approx(2 / 3)


def test_strata_without_answers_are_told() -> None:
    found = estimate((75, [1, 0, 1, 1]), (25, []))
    assert (found.value, found.covered) == (0.75, 0.75)
    assert stratified_estimate([StratumAnswers(10, []), StratumAnswers(0, [1])]) is None


def test_one_answer_of_a_stratum_does_not_make_it_sure() -> None:
    sure, alone = estimate((50, [1, 0, 1, 0]), (50, [1, 1])), estimate((50, [1, 0, 1, 0]), (50, [1]))
    assert alone.low is not None
    assert sure.low is not None
    assert alone.low < sure.low


def test_who_answers_of_their_own_accord_gets_no_interval() -> None:
    assert plain_estimate([1, 0.5, 0]) == Estimate(0.5, None, None, 3, 0.0)
    assert plain_estimate([]) is None


@given(STRATA)
def test_an_estimate_lies_within_its_interval_and_among_the_means(strata: list[tuple[list[float], int]]) -> None:
    found = stratified_estimate([StratumAnswers(population, values) for values, population in strata])
    means = [sum(values) / len(values) for values, population in strata if values and population]
    if found is None:
        assert not means
        return
    assert min(means) - 1e-9 <= found.value <= max(means) + 1e-9
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert not math.isnan(found.low + found.high)
    assert 0 < found.covered <= 1


@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=2, max_size=30), st.integers(31, 10_000))
def test_one_stratum_is_a_simple_random_sample(values: list[float], population: int) -> None:
    found = estimate((population, values))
    assert found.value == pytest.approx(sum(values) / len(values))
    more = estimate((population, values * 2))
    assert width(more) < width(found)
