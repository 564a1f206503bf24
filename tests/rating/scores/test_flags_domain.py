from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rating.scores.flags.domain import (
    CounterRating,
    Kind,
    Satisfied,
    differs,
    jumps,
    outliers,
    streaks,
)
from services.rating.scores.flags.rules import flag_rules
from shared.runtime.clock import VIETNAM

RULES = flag_rules(date(2026, 1, 1))
START = datetime(2026, 11, 2, 8, tzinfo=VIETNAM)
NEED, MINUTES = RULES.streak_ratings, RULES.streak_minutes


def at(seconds: float, score: int = 5, counter: int = 1, agency: str = "A") -> CounterRating:
    return CounterRating(f"{agency}-{counter}-{seconds}", agency, counter, score, START + timedelta(seconds=seconds))


def test_equal_ratings_faster_than_visitors_are_a_streak() -> None:
    ratings = [at(30 * place) for place in range(NEED)]
    (found,) = streaks(reversed(ratings), RULES)
    assert (found.kind, found.agency, found.counter) == (Kind.STREAK, "A", 1)
    assert found.ratings == tuple(one.id for one in ratings)
    assert (found.begins, found.ends) == (ratings[0].given_at, ratings[-1].given_at)
    assert found.numbers == {"ratings": NEED, "score": 5, "seconds": 30 * (NEED - 1)}


@pytest.mark.parametrize(
    ("ratings", "why"),
    [
        ([at(30 * place) for place in range(NEED - 1)], "one too few"),
        ([at(30 * place, score=5 - place % 2) for place in range(2 * NEED)], "not equal"),
        ([at(30 * place, counter=place % 2) for place in range(2 * NEED - 2)], "two counters"),
        ([at(30 * place, agency="AB"[place % 2]) for place in range(2 * NEED - 2)], "two agencies"),
        ([at(60 * (MINUTES + 1) / (NEED - 1) * place) for place in range(20)], "as slowly as visitors"),
    ],
)
def test_what_is_no_streak(ratings: list[CounterRating], why: str) -> None:
    assert list(streaks(ratings, RULES)) == [], why


def test_the_limit_of_minutes_belongs_to_a_streak() -> None:
    last = 60 * MINUTES
    assert len(list(streaks([at(last * place / (NEED - 1)) for place in range(NEED)], RULES))) == 1
    assert list(streaks([*(at(place) for place in range(NEED - 1)), at(last + 1)], RULES)) == []


def test_another_score_between_ends_a_streak() -> None:
    ratings = [at(place) for place in range(2 * NEED)] + [at(NEED - 0.5, score=1)]
    assert [len(one.ratings) for one in streaks(ratings, RULES)] == [NEED, NEED]


def test_a_long_streak_is_one_finding_and_has_one_id() -> None:
    ratings = [at(20 * place) for place in range(50)]
    (found,) = streaks(ratings, RULES)
    (again,) = streaks(ratings[:30], RULES)
    assert len(found.ratings) == 50
    assert found.id == again.id
    assert found.id != next(streaks([at(20 * place, counter=2) for place in range(50)], RULES)).id


@given(st.lists(st.tuples(st.integers(0, 3600), st.integers(1, 5), st.integers(1, 2)), max_size=60, unique=True))
def test_every_streak_is_equal_fast_and_of_one_counter(made: list[tuple[int, int, int]]) -> None:
    ratings = [
        at(seconds, score, counter) for seconds, score, counter in {(s, c): (s, v, c) for s, v, c in made}.values()
    ]
    by_id = {one.id: one for one in ratings}
    seen: set[str] = set()
    for found in streaks(ratings, RULES):
        members = [by_id[id_] for id_ in found.ratings]
        assert len({(one.agency, one.counter, one.score) for one in members}) == 1
        assert len(members) >= NEED
        assert not seen & set(found.ratings), "a rating is in one streak"
        seen |= set(found.ratings)
        for place in range(len(members) - NEED + 1):
            assert members[place].given_at <= members[place + 1].given_at


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((20, 20), (10, 20), True),
        ((19, 19), (9, 19), False),  # one too few
        ((20, 20), (17, 20), False),  # not so far apart
        ((14, 20), (10, 20), False),  # far apart, but by chance
        ((4000, 5000), (3005, 5000), False),  # 19.9 points
        ((4000, 5000), (3000, 5000), True),  # exactly 20 points
        ((0, 0), (10, 20), False),
    ],
)
def test_shares_that_differ(one: tuple[int, int], other: tuple[int, int], expected: bool) -> None:
    for first, second in ((one, other), (other, one)):
        assert differs(Satisfied(*first), Satisfied(*second), 20, 20, 1.96) == expected


def test_a_sudden_change_is_found_in_both_directions() -> None:
    weeks = {
        ("A", "up"): (Satisfied(40, 40), Satisfied(200, 400)),
        ("A", "down"): (Satisfied(10, 40), Satisfied(390, 400)),
        ("A", "steady"): (Satisfied(38, 40), Satisfied(390, 400)),
        ("A", "new"): (Satisfied(1, 40), Satisfied(0, 0)),
    }
    found = {official: numbers for _, official, numbers in jumps(weeks, RULES, 1.96)}
    assert set(found) == {"up", "down"}
    assert found["down"] == {"satisfied": 10, "ratings": 40, "other_satisfied": 390, "other_ratings": 400}


def test_an_official_far_from_the_others_of_the_agency_is_found() -> None:
    month = {("A", f"o{number}"): Satisfied(98, 100) for number in range(5)}
    month |= {("A", "low"): Satisfied(50, 100), ("B", "alone"): Satisfied(10, 100)}
    assert [(agency, official) for agency, official, _ in outliers(month, RULES, 1.96)] == [("A", "low")]
