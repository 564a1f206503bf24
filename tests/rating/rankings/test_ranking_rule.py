"""The rule of rankings, by tables and properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rating.rankings.domain import (
    Counted,
    Name,
    SubjectKind,
    content_of,
    content_text,
    digest_of,
    rank,
    same_numbers,
    shares_of,
)
from services.rating.rankings.methods import method_on
from services.rating.rankings.periods import is_settled, label_of, last_settled
from services.rating.rankings.wording import method_in_words, unranked_in_words
from services.rating.scores.periods import parse_period

METHOD = method_on(date(2025, 9, 30))
PERIOD = parse_period("2025-Q3")
OFFICIAL = SubjectKind.OFFICIAL


@pytest.mark.parametrize(
    ("scores", "share", "low", "high", "mean"),
    [
        # worked out with a table of Wilson's interval at 1.96
        ({5: 10}, 100.0, 72.2, 100.0, 5.0),
        ({1: 10}, 0.0, 0.0, 27.8, 1.0),
        ({5: 5, 1: 5}, 50.0, 23.7, 76.3, 3.0),
        ({4: 90, 3: 6, 2: 4}, 90.0, 82.6, 94.5, 3.86),
        ({4: 15, 3: 1}, 93.8, 71.7, 98.9, 3.94),
    ],
)
def test_shares(scores: dict[int, int], share: float, low: float, high: float, mean: float) -> None:
    found = shares_of(Counted("an", scores), METHOD)
    assert (found.share, found.low, found.high, found.mean) == (share, low, high, mean)


def test_a_neutral_rating_is_neither_satisfied_nor_dissatisfied() -> None:
    found = shares_of(Counted("an", {5: 1, 4: 2, 3: 4, 2: 8, 1: 16}), METHOD)
    assert (found.ratings, found.satisfied, found.neutral, found.dissatisfied) == (31, 3, 4, 24)


def test_many_good_ratings_come_before_few_perfect_ones() -> None:
    found = rank([Counted("few", {5: 10}), Counted("many", {5: 190, 3: 10})], OFFICIAL, METHOD, {})
    assert [row.subject for row in found.rows] == ["many", "few"]


def test_equal_subjects_share_a_place_and_the_next_is_left_out() -> None:
    counted = [Counted("c", {5: 20}), Counted("a", {5: 30}), Counted("b", {5: 20}), Counted("d", {5: 10})]
    found = rank(counted, OFFICIAL, METHOD, {"b": Name("Bình"), "c": Name("An")})
    assert [(row.subject, row.rank) for row in found.rows] == [("a", 1), ("c", 2), ("b", 2), ("d", 4)]


def test_of_equal_intervals_the_mean_score_decides() -> None:
    found = rank([Counted("a", {4: 20}), Counted("b", {5: 20})], OFFICIAL, METHOD, {})
    assert [(row.subject, row.rank) for row in found.rows] == [("b", 1), ("a", 2)]


def test_too_few_ratings_are_counted_and_not_named() -> None:
    found = rank([Counted("a", {5: 9}), Counted("b", {5: 10}), Counted("c", {})], OFFICIAL, METHOD, {})
    assert ([row.subject for row in found.rows], found.unranked, found.unranked_ratings) == (["b"], 1, 9)
    content = content_of(found, OFFICIAL, PERIOD, "H12", "Tỉnh", METHOD)
    assert unranked_in_words(content)[0] == "Chưa xếp hạng 1 cán bộ có dưới 10 lượt đánh giá (tổng cộng 9 lượt)."
    assert '"a"' not in content_text(content)


def test_agencies_need_as_many_ratings_as_the_public_scores_do() -> None:
    counted = [Counted("a", {5: 29}), Counted("b", {5: 30})]
    assert [row.subject for row in rank(counted, SubjectKind.AGENCY, METHOD, {}).rows] == ["b"]


@given(
    st.dictionaries(
        st.sampled_from("abcdefgh"), st.dictionaries(st.integers(1, 5), st.integers(0, 60), max_size=5), max_size=8
    )
)
def test_every_ranking_explains_itself(scores: dict[str, dict[int, int]]) -> None:
    counted = [Counted(subject, given) for subject, given in scores.items()]
    found = rank(counted, OFFICIAL, METHOD, {})
    # whoever stands before another has the better printed numbers, and equal places have equal ones
    for one, other in zip(found.rows, found.rows[1:], strict=False):
        merit = [(row.shares.low, row.shares.mean) for row in (one, other)]
        assert merit[0] >= merit[1]
        assert (one.rank == other.rank) == (merit[0] == merit[1])
    for row in found.rows:
        ahead = sum((other.shares.low, other.shares.mean) > (row.shares.low, row.shares.mean) for other in found.rows)
        assert row.rank == 1 + ahead
        assert row.shares.satisfied + row.shares.neutral + row.shares.dissatisfied == row.shares.ratings
        assert row.shares.low <= row.shares.share <= row.shares.high
    assert sum(row.shares.ratings for row in found.rows) + found.unranked_ratings == sum(one.ratings for one in counted)
    # the order in which subjects are counted changes nothing
    assert rank(reversed(counted), OFFICIAL, METHOD, {}) == found


def test_a_digest_follows_every_number_and_another_name_is_no_other_ranking() -> None:
    def content(scores: dict[int, int], name: str) -> dict[str, object]:
        ranking = rank([Counted("an", scores)], OFFICIAL, METHOD, {"an": Name(name)})
        return content_of(ranking, OFFICIAL, PERIOD, "H12", "Tỉnh", METHOD)

    one, renamed, other = content({5: 12}, "An"), content({5: 12}, "An Nhiên"), content({5: 11, 4: 1}, "An")
    assert len({digest_of(content_text(each)) for each in (one, renamed, other)}) == 3
    assert same_numbers(one, renamed)
    assert not same_numbers(one, other)


def test_the_method_states_every_number_it_uses() -> None:
    method = replace(METHOD, scores=replace(METHOD.scores, confidence_z=2.5758, official_sample=17))
    content = content_of(rank([], OFFICIAL, method, {}), OFFICIAL, PERIOD, "H12", "Tỉnh", method)
    for place in (0, 1):
        text = " ".join(sentence[place] for sentence in method_in_words(content))
        for said in ("XH-01", "01/07/2025", "30/09/2025", "17", "99%", "Wilson"):
            assert said in text


@pytest.mark.parametrize(
    ("kind", "today", "key"),
    [
        ("week", date(2025, 11, 3), "2025-W43"),  # Monday: the week before is not settled
        ("week", date(2025, 11, 5), "2025-W44"),
        ("month", date(2025, 11, 2), "2025-09"),
        ("month", date(2025, 11, 3), "2025-10"),
        ("quarter", date(2025, 11, 3), "2025-Q3"),
        ("year", date(2026, 1, 2), "2024"),
        ("year", date(2026, 1, 3), "2025"),
    ],
)
def test_a_period_is_ranked_once_late_ratings_have_come(kind: str, today: date, key: str) -> None:
    found = last_settled(kind, today, METHOD.settle_days)
    assert found.key == key
    assert is_settled(found, today, METHOD.settle_days)


def test_names_of_periods() -> None:
    assert [label_of(parse_period(key))[0] for key in ("2025-Q3", "2025-09", "2025", "2025-W01")] == [
        "Quý III năm 2025",
        "Tháng 9 năm 2025",
        "Năm 2025",
        "Tuần 1 năm 2025 (từ 30/12/2024 đến 05/01/2025)",
    ]
