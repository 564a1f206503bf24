"""A view is its address: what is shown can be read from it, and the same view always has the same one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.stats.dashboards.labels import period_title
from services.stats.dashboards.schemas import SelectionSchema, selection_of
from services.stats.dashboards.selection import (
    BREAKDOWNS,
    FILTER_NAMES,
    PERIODS,
    TILE_MEASURES,
    Selection,
    calendar_period,
    keys_of,
    trend_of,
)
from services.stats.dashboards.shades import SHADES, bounds_of, ranges_of, shade_of
from services.stats.measures.domain import BadPeriod, Period

TODAY = date(2025, 11, 20)
DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))
VALUES = {"level": st.sampled_from(["province", "commune"]), "channel": st.sampled_from(["counter", "online", "post"])}
FILTERS = st.fixed_dictionaries(
    {}, optional={name: VALUES.get(name, st.text("aH.&=? ă", min_size=1).filter(str.strip)) for name in FILTER_NAMES}
)


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    ways: dict[str, Any] = {
        "filters": draw(FILTERS),
        "by": draw(st.sampled_from(BREAKDOWNS)),
        "tile": draw(st.sampled_from(TILE_MEASURES)),
    }
    if draw(st.booleans()):
        return Selection(draw(st.sampled_from(PERIODS)), draw(st.none() | DAYS), **ways)
    first = draw(DAYS)
    last = first + timedelta(days=draw(st.integers(0, 3600)))
    return Selection("custom", None, first, None if last.year > 2099 else last, **ways)


@given(selections())
def test_an_address_gives_the_view_again_and_is_always_the_same(selection: Selection) -> None:
    address = selection.address("/stats/leader")
    query = dict(parse_qsl(urlsplit(address).query))
    read = selection_of(SelectionSchema().load(query))
    assert read == selection
    assert read.address("/stats/leader") == address


def test_the_usual_view_has_no_arguments() -> None:
    assert Selection().address("/stats/leader") == "/stats/leader"
    assert Selection("day", filters={"field": "land", "agency": ""}).address("/x") == "/x?period=day&field=land"


PERIODS_OF_A_DAY = {
    "day": (date(2025, 11, 20), date(2025, 11, 20)),
    "week": (date(2025, 11, 17), date(2025, 11, 23)),
    "month": (date(2025, 11, 1), date(2025, 11, 30)),
    "quarter": (date(2025, 10, 1), date(2025, 12, 31)),
    "year": (date(2025, 1, 1), date(2025, 12, 31)),
}


@pytest.mark.parametrize("kind", PERIODS)
def test_calendar_periods(kind: str) -> None:
    whole = calendar_period(kind, TODAY)
    assert (whole.first, whole.last) == PERIODS_OF_A_DAY[kind]
    assert Selection(kind).period(TODAY) == Period(whole.first, min(whole.last, TODAY))


@given(st.sampled_from(PERIODS), DAYS)
def test_the_period_before_the_one_after_is_the_same(kind: str, day: date) -> None:
    one = Selection(kind, day)
    there = one.moved(1, TODAY)
    whole = calendar_period(kind, day)
    assert calendar_period(kind, there.on or TODAY).first == date.fromordinal(whole.last.toordinal() + 1)
    back = there.moved(-1, TODAY)
    assert calendar_period(kind, back.on or TODAY) == whole


def test_a_custom_period_moves_by_its_length_and_not_out_of_time() -> None:
    ten = Selection("custom", None, date(2025, 11, 1), date(2025, 11, 10))
    assert ten.moved(-1, TODAY).period(TODAY) == Period(date(2025, 10, 22), date(2025, 10, 31))
    with pytest.raises(BadPeriod):
        Selection("custom", None, date(3, 1, 1), date(9000, 1, 1)).moved(1, TODAY)


@given(selections())
def test_the_course_ends_with_the_period_and_has_each_key_once(selection: Selection) -> None:
    period = selection.period(TODAY)
    trend, by = trend_of(selection, period)
    keys = keys_of(trend, by)
    assert trend.last == period.last
    assert keys == sorted(set(keys))
    assert keys[0] == trend.first.isoformat()[: len(keys[0])]
    assert keys[-1] == trend.last.isoformat()[: len(keys[-1])]
    assert len(keys) <= 122


WRONG = {
    "period": {"period": "x"},
    "on": {"on": "2025-02-30"},
    "from": {"from": "1999-12-31"},
    "to": {"from": "2025-11-02", "to": "2025-11-01"},
    "agency": {"agency": "x" * 101},
    "channel": {"channel": "x"},
    "by": {"by": "official"},
    "tile": {"tile": "rated"},
}


@pytest.mark.parametrize("field", WRONG)
def test_what_is_wrong_is_named(field: str) -> None:
    with pytest.raises(ValidationError) as raised:
        SelectionSchema().load(WRONG[field])
    assert list(raised.value.messages_dict) == [field]


def test_a_period_of_free_days_has_an_end() -> None:
    with pytest.raises(ValidationError, match="10 năm"):
        SelectionSchema().load({"from": "2010-01-01", "to": "2025-01-01"})


def test_names_of_periods() -> None:
    names = {kind: period_title(kind, Selection(kind).period(TODAY), calendar_period(kind, TODAY)) for kind in PERIODS}
    assert names["week"] == ("Tuần 47 (17/11/2025 – 23/11/2025)", "Week 47 (17/11/2025 – 23/11/2025)")
    assert [names[kind][0] for kind in ("day", "month", "quarter", "year")] == [
        *("Ngày 20/11/2025", "Tháng 11/2025", "Quý 4/2025", "Năm 2025"),
    ]


SHADED = [
    ("on_time_share", 100.0, 0),
    ("on_time_share", 97.9, 1),
    ("on_time_share", 95.0, 1),
    ("on_time_share", 79.9, 4),
    ("late_share", 0.0, 0),
    ("late_share", 2.0, 0),
    ("late_share", 2.1, 1),
    ("late_share", 20.1, 4),
    ("received", 0, 0),
    ("received", 19, 0),
    ("received", 20, 1),
    ("received", 100, 4),
    ("received", None, None),
]


@pytest.mark.parametrize(("measure", "value", "shade"), SHADED)
def test_shades(measure: str, value: float | None, shade: int | None) -> None:
    assert shade_of(measure, value, bounds_of(measure, [100, 3, 50])) == shade


@given(st.sampled_from(TILE_MEASURES), st.lists(st.integers(0, 10**6), max_size=8))
def test_each_value_lies_in_the_range_of_its_shade(measure: str, values: list[int]) -> None:
    values = [value % 101 for value in values] if measure.endswith("share") else values
    bounds = bounds_of(measure, values)
    ranges = ranges_of(measure, bounds)
    assert len(ranges) <= SHADES
    for value in values:
        shade = shade_of(measure, value, bounds)
        assert shade is not None
        low, high = ranges[shade]
        assert low is None or low <= value
        assert high is None or value <= high
