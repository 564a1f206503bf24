from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rating.scores.domain import Interval, Tally, score_of, wilson
from services.rating.scores.rules import score_rules

RULES = score_rules(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_has_the_published_values(part: int, whole: int, low: float, high: float) -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3."""
    found = wilson(part, whole)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


PAIRS = st.integers(1, 5000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))


@given(PAIRS)
def test_the_interval_holds_the_share_and_stays_in_range(pair: tuple[int, int]) -> None:
    part, whole = pair
    found = wilson(part, whole)
    assert 0 <= found.low <= part / whole <= found.high <= 1
    assert found.low < found.high


@given(PAIRS)
def test_the_interval_of_the_others_is_its_mirror(pair: tuple[int, int]) -> None:
    part, whole = pair
    found, mirror = wilson(part, whole), wilson(whole - part, whole)
    assert mirror.low == pytest.approx(1 - found.high, abs=1e-12)
    assert mirror.high == pytest.approx(1 - found.low, abs=1e-12)


@given(PAIRS, st.integers(2, 50))
def test_more_ratings_of_the_same_share_say_more(pair: tuple[int, int], times: int) -> None:
    part, whole = pair
    few, many = wilson(part, whole), wilson(part * times, whole * times)
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(("part", "whole"), [(1, 0), (0, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_has_no_interval(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(part, whole)


def test_intervals_apart() -> None:
    low, high = Interval(0.1, 0.3), Interval(0.4, 0.9)
    assert low.apart_from(high)
    assert high.apart_from(low)
    assert not low.apart_from(Interval(0.3, 0.5))


def test_a_score_says_share_mean_and_courtesy() -> None:
    tally = Tally(10, 8, 41, {"greeting": (9, 10), "apology": (1, 2)})
    score = score_of(tally, RULES)
    assert score is not None
    assert (score.satisfied.value, score.mean) == (0.8, 4.1)
    assert (score.satisfied.interval.low, score.satisfied.interval.high) == pytest.approx((0.4902, 0.9433), abs=5e-5)
    assert set(score.courtesies) == {"greeting", "apology"}, "nobody was asked about thanks"
    assert score.courtesy is not None
    assert (score.courtesy.part, score.courtesy.whole) == (10, 12)


@pytest.mark.parametrize(("ratings", "shown"), [(0, False), (9, False), (10, True)])
def test_a_score_is_shown_from_the_smallest_sample_on(ratings: int, shown: bool) -> None:
    found = score_of(Tally(ratings, ratings, ratings * 5), RULES, RULES.official_sample)
    assert (found is not None) == shown


def test_nothing_has_no_score() -> None:
    assert score_of(Tally(), RULES) is None


COUNTS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.tuples(st.integers(0, 9), st.integers(0, 9)))
TALLIES = st.builds(
    Tally,
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 45),
    COUNTS,
    st.dictionaries(st.tuples(st.just("form"), st.sampled_from("xy")), st.tuples(st.integers(0, 9), st.integers(0, 9))),
)


@given(TALLIES, TALLIES, TALLIES)
def test_tallies_add_in_any_order(one: Tally, two: Tally, three: Tally) -> None:
    def plain(tally: Tally) -> tuple[object, ...]:
        return tally.ratings, tally.satisfied, tally.points, dict(tally.courtesy), dict(tally.criteria)

    assert plain((one + two) + three) == plain(three + (two + one))
    assert plain(one + Tally()) == plain(one)
