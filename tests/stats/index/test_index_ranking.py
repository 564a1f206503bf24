from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.stats.index.domain import Count, score_of
from services.stats.index.ranking import Ranked, RankedGroup, rank, subjects
from services.stats.index.rules import index_of
from tests.support.service import reference

INDEX = index_of("qd766-2022")
SMALLEST = 30


def agency(code: str, on_time: int, of: int = 100) -> Ranked:
    """An agency of which only the share on time is known."""
    return Ranked(code, of, score_of(INDEX, {"2.1": Count(on_time, of)}, {}))


def test_equal_agencies_share_a_place_and_the_next_is_left_out() -> None:
    ranking = rank([agency("D", 60), agency("A", 90), agency("C", 80), agency("B", 80)], None, SMALLEST)
    assert [(one.place, one.of.agency, one.of.share) for one in ranking.places] == [
        (1, "A", 90.0),
        (2, "B", 80.0),
        (2, "C", 80.0),
        (4, "D", 60.0),
    ]
    assert [(one.places_gained, one.points_gained) for one in ranking.places] == [(None, None)] * 4


def test_agencies_with_too_few_dossiers_are_named_apart() -> None:
    ranking = rank([agency("A", 29, 29), agency("B", 15, 30), agency("C", 0, 0)], None, SMALLEST)
    assert [(one.place, one.of.agency) for one in ranking.places] == [(1, "B")]
    assert [one.agency for one in ranking.too_few] == ["A", "C"]


def test_places_and_points_are_compared_with_the_period_before() -> None:
    before = [agency("A", 90), agency("B", 80), agency("C", 70, 100), agency("E", 99, 20)]
    now = [agency("A", 70), agency("B", 80), agency("C", 85), agency("D", 60), agency("E", 50)]
    found = {
        one.of.agency: (one.place, one.places_gained, one.points_gained) for one in rank(now, before, SMALLEST).places
    }
    assert found == {
        "C": (1, 2, 15.0),
        "B": (2, 0, 0.0),
        "A": (3, -2, -20.0),
        "D": (4, None, None),
        "E": (5, None, None),
    }


def test_agencies_are_compared_by_the_points_that_are_possible_for_them() -> None:
    online = Ranked("A", 50, score_of(INDEX, {"2.1": Count(8, 10), "4.1": Count(8, 10)}, {}))
    counter = Ranked("B", 50, score_of(INDEX, {"2.1": Count(9, 10)}, {"1.1": Fraction(1, 2)}))
    assert [(one.of.agency, one.of.share) for one in rank([online, counter], None, SMALLEST).places] == [
        ("B", 83.33),
        ("A", 80.0),
    ]


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 100), max_size=12))
def test_a_place_is_one_more_than_how_many_are_better(shares: dict[str, int]) -> None:
    ranking = rank([agency(code, share) for code, share in shares.items()], None, SMALLEST)
    assert sorted(one.of.agency for one in ranking.places) == sorted(shares)
    for one in ranking.places:
        assert one.place == 1 + sum(share > shares[one.of.agency] for share in shares.values())


def test_departments_districts_and_communes_are_ranked_apart() -> None:
    agencies = reference().agencies

    def codes(group: RankedGroup, on: date) -> set[str]:
        return {one.code for one in subjects(agencies.all(on), group)}

    now, then = date(2025, 11, 30), date(2025, 6, 30)
    assert codes(RankedGroup.DISTRICTS, now) == set()
    assert {"H12.20", "H12.11", "H12.14"} <= codes(RankedGroup.DEPARTMENTS, now)
    assert "H12" not in codes(RankedGroup.DEPARTMENTS, now)
    assert "H12.14.01" not in codes(RankedGroup.DEPARTMENTS, now)
    assert {"H12.31", "H12.32"} <= codes(RankedGroup.COMMUNES, now)
    assert "H12.31.01" not in codes(RankedGroup.COMMUNES, now)
    for on in (now, then):
        for group in RankedGroup:
            assert all(agencies.get(code, on).valid_on(on) for code in codes(group, on))
    assert len(codes(RankedGroup.DISTRICTS, then)) == 1
    assert len(codes(RankedGroup.COMMUNES, then)) == 8
