from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.index import rules
from services.stats.index.domain import (
    Count,
    Graded,
    NoIndex,
    State,
    Steps,
    Threshold,
    UnknownPart,
    in_force_on,
    percent,
    printed,
    score_of,
    total,
)
from services.stats.index.formulas import FORMULAS, SIDES, listed_sides
from services.stats.index.rules import DATA, INDEX_FILES, index_for, index_of, indices, ranking_rule
from shared.data_files import DataError

QD766, ND61 = index_of("qd766-2022"), index_of("nd61-2018")
RATIOS = st.fractions(0, 1)


@pytest.mark.parametrize(
    ("ratio", "full_at", "points"),
    [
        (Fraction(1), 100, Fraction(20)),
        (Fraction(1, 2), 100, Fraction(10)),
        (Fraction(0), 100, Fraction(0)),
        (Fraction(1, 2), 50, Fraction(20)),
        (Fraction(1, 4), 50, Fraction(10)),
        (Fraction(4, 5), 80, Fraction(20)),
        (Fraction(79, 100), 80, Fraction(79, 4)),
        (Fraction(1), 80, Fraction(20)),
    ],
)
def test_points_are_in_proportion_up_to_the_threshold(ratio: Fraction, full_at: int, points: Fraction) -> None:
    assert Threshold(Fraction(full_at)).points(ratio, Fraction(20)) == points


@pytest.mark.parametrize(
    ("hundredths", "points"), [(10_000, 2), (9_500, 2), (9_499, 1), (8_000, 1), (7_999, 0), (0, 0)]
)
def test_steps_give_nothing_half_or_all(hundredths: int, points: int) -> None:
    assert Steps(Fraction(80), Fraction(95)).points(Fraction(hundredths, 10_000), Fraction(2)) == points


@given(RATIOS, RATIOS, st.sampled_from([Threshold(Fraction(50)), Steps(Fraction(80), Fraction(95)), Graded()]))
def test_a_higher_share_never_gives_fewer_points(one: Fraction, other: Fraction, scale: Any) -> None:
    low, high = sorted((one, other))
    assert 0 <= scale.points(low, Fraction(6)) <= scale.points(high, Fraction(6)) <= 6


def test_the_indices_have_the_points_of_their_decisions() -> None:
    assert {group.id: group.points for group in QD766.groups} == {"1": 18, "2": 20, "3": 12, "3t": 10, "4": 22, "5": 18}
    assert (QD766.points, ND61.points, len(ND61.parts)) == (Fraction(100), Fraction(18), 9)
    assert all(part.points == 2 for part in ND61.parts)
    assert [(int(band.least), band.name[0]) for band in ND61.bands] == [
        (15, "Xuất sắc"),
        (12, "Tốt"),
        (9, "Khá"),
        (6, "Trung bình"),
        (0, "Yếu"),
    ]


def test_the_thresholds_of_766() -> None:
    found = {part.id: int(part.scale.full_at) for part in QD766.parts if isinstance(part.scale, Threshold)}
    assert {name: found[name] for name in ("2.1", "3.3", "4.2", "4.3", "5.4")} == {
        "2.1": 100,
        "3.3": 50,
        "4.2": 80,
        "4.3": 80,
        "5.4": 90,
    }


@pytest.mark.parametrize(
    ("day", "id_"),
    [
        (date(2018, 6, 21), "nd61-2018"),
        (date(2022, 6, 22), "nd61-2018"),
        (date(2022, 6, 23), "qd766-2022"),
        (date(2026, 1, 1), "qd766-2022"),
    ],
)
def test_the_index_of_a_day(day: date, id_: str) -> None:
    assert index_for(day).id == id_


def test_an_index_may_be_asked_for_while_it_is_in_force() -> None:
    assert index_for(date(2025, 6, 30), "nd61-2018") is ND61
    for day, id_ in ((date(2018, 6, 20), ""), (date(2025, 7, 1), "nd61-2018"), (date(2025, 7, 1), "other")):
        with pytest.raises(NoIndex):
            in_force_on(indices(), day, id_)
    with pytest.raises(NoIndex):
        index_of("other")
    with pytest.raises(UnknownPart):
        QD766.part("9.9")


def test_every_measured_part_has_a_formula_and_every_other_a_reason() -> None:
    for index in indices():
        for part in index.parts:
            assert part.is_outside != (part.formula in FORMULAS), part.id
            assert part.is_outside == all(part.missing), part.id
            assert not part.factor or index.part(part.factor).is_outside


def full(index: Any) -> dict[str, Count]:
    return {part.id: Count(1, 1) for part in index.parts if not part.is_outside}


def outside(index: Any, ratio: Fraction = Fraction(1)) -> dict[str, Fraction]:
    return {part.id: ratio for part in index.parts if part.is_outside}


@pytest.mark.parametrize("index", indices(), ids=lambda one: one.id)
def test_a_perfect_agency_has_all_points_and_the_best_mark(index: Any) -> None:
    score = score_of(index, full(index), outside(index))
    assert (score.points, score.possible, score.is_complete, score.band) == (
        index.points,
        index.points,
        True,
        index.bands[0],
    )
    worst = score_of(index, {part: Count(0, 1) for part in full(index)}, outside(index, Fraction(0)))
    assert (worst.points, worst.possible, worst.band) == (Fraction(0), index.points, index.bands[-1])


def test_what_is_missing_is_named_and_is_not_possible() -> None:
    score = score_of(QD766, {"2.1": Count(9, 10), "3.3": Count(1, 2), "5.4": Count(9, 10)}, {"1.1": Fraction(1, 2)})
    states = {one.part.id: one.state for one in score.parts}
    assert (states["2.1"], states["1.1"], states["1.2"]) == (State.MEASURED, State.ENTERED, State.MISSING)
    assert states["4.1"] is State.EMPTY
    by_id = {one.part.id: one for one in score.parts}
    assert (states["3.3"], by_id["3.3"].lacks, by_id["3.3"].ratio) == (State.MISSING, "1.3", Fraction(1, 2))
    assert score.points == 18 + 2 + 6
    assert score.possible == 20 + 4 + 6
    assert (score.band, score.is_complete) == (None, False)
    assert score.of_group(QD766.groups[0]) == (Fraction(2), Fraction(4))


def test_the_online_share_is_multiplied_by_the_synchronised_share() -> None:
    score = score_of(QD766, {"3.3": Count(1, 2)}, {"1.3": Fraction(1, 2)})
    (one,) = (one for one in score.parts if one.part.id == "3.3")
    assert (one.ratio, one.points) == (Fraction(1, 4), Fraction(3))


def test_nothing_is_known_of_an_agency_without_cases() -> None:
    score = score_of(QD766, {}, {})
    assert (score.points, score.possible, score.share, score.band) == (Fraction(0), Fraction(0), None, None)


@given(
    st.dictionaries(st.sampled_from([part.id for part in QD766.parts]), st.tuples(st.integers(0, 9), st.integers(0, 9)))
)
def test_points_never_exceed_the_possible_ones(given_counts: dict[str, tuple[int, int]]) -> None:
    counts = {part: Count(min(pair), max(pair)) for part, pair in given_counts.items()}
    score = score_of(QD766, counts, {})
    assert 0 <= score.points <= score.possible <= QD766.points
    sums = [score.of_group(group) for group in QD766.groups]
    assert (sum(one for one, _ in sums), sum(one for _, one in sums)) == (score.points, score.possible)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=3)))
def test_totals_add_up(rows: list[dict[str, tuple[int, int]]]) -> None:
    counts = [{part: Count(*pair) for part, pair in row.items()} for row in rows]
    found = total(counts)
    for part in "abc":
        expected = [row[part] for row in rows if part in row]
        wanted = Count(sum(one for one, _ in expected), sum(one for _, one in expected))
        assert found.get(part, Count(0, 0)) == wanted


def test_numbers_are_printed_half_up_and_never_hide_a_late_dossier() -> None:
    assert (printed(Fraction(1, 8)), printed(Fraction(89995, 1000)), printed(Fraction(5, 1000))) == (0.13, 90.0, 0.01)
    assert (percent(Fraction(1)), percent(Fraction(99_999, 100_000)), percent(None)) == (100.0, 99.99, None)


def test_a_band_is_not_reached_by_rounding() -> None:
    index = replace(QD766, groups=(replace(QD766.groups[1]),))
    score = score_of(index, {"2.1": Count(8_999_999, 10_000_000)}, {})
    assert printed(score.points) == 18.0
    assert score.band is not None
    assert score.band.least < 18


def test_lists_that_would_tell_who_was_dissatisfied_are_not_opened() -> None:
    assert listed_sides("content") == ("all",)
    assert listed_sides("satisfied") == listed_sides("outside") == ()
    assert listed_sides("index_on_time") == listed_sides("complaints_on_time") == SIDES


def test_the_smallest_sample_is_data() -> None:
    assert ranking_rule(date(2025, 11, 30)).smallest_sample == 30


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"points": 19}, "its parts give 20"),
        ({"part": {"formula": "guessed"}}, "formula"),
        ({"part": {"full_at": 0}}, "must be from 1 to 100"),
        ({"part": {"agency": "somebody"}}, "agency"),
        ({"part": {"points_certainty": "sure"}}, "points_certainty"),
        ({"part": {"remark": "x"}}, "remark"),
    ],
)
def test_faults_of_the_data_are_named(change: dict[str, Any], fault: str, tmp_path: Any) -> None:
    data = orjson.loads((DATA / INDEX_FILES[0]).read_bytes())
    group = data["rules"][0]["groups"][1]
    group["parts"][0] |= change.pop("part", {})
    group |= change
    (tmp_path / INDEX_FILES[0]).write_bytes(orjson.dumps(data))
    (tmp_path / INDEX_FILES[1]).write_bytes((DATA / INDEX_FILES[1]).read_bytes())
    with pytest.raises(DataError, match=fault):
        rules.indices(tmp_path)
