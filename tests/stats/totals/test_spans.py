"""Spans: any period is the sum of few intervals, each day once."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.stats.totals.places import LEVELS, Level
from services.stats.totals.spans import SPANS, cover

days = st.integers(700_000, 760_000)


@given(first=days, length=st.integers(0, 4000), level=st.sampled_from(LEVELS))
def test_a_period_is_covered_once_by_few_intervals(first: int, length: int, level: Level) -> None:
    last = first + length - 1
    found = cover(first, last, level.spans)
    covered = [day for span, start in found for day in range(start, start + span)]
    assert covered == list(range(first, last + 1))
    steps = sum(longer // shorter - 1 for shorter, longer in pairwise(level.spans))
    assert len(found) <= length // level.spans[-1] + 2 * steps


def test_half_a_year_is_some_twenty_intervals_at_most() -> None:
    assert max(len(cover(first, first + 183)) for first in range(739_000, 739_600)) <= 30


@given(day=days, first=days, length=st.integers(0, 4000))
def test_a_day_is_in_one_interval_of_a_cover_if_it_is_in_the_period(day: int, first: int, length: int) -> None:
    found = set(cover(first, first + length - 1)) & {(span, day - day % span) for span in SPANS}
    assert len(found) == (first <= day < first + length)
