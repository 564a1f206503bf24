"""Postage by weight, and the cut-off of a print batch by the agency's calendar."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.post.batches.rules import batch_rules, last_cut_off, next_cut_off, parse_rules
from services.notify.post.fees import parse_fees, postal_fees
from shared.calendar import TIMEZONE
from shared.data_files import DataError, Record
from tests.support.service import reference

DESK = "H12.31.01"
DAY = date(2025, 11, 24)
"""A Monday."""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 11, day, hour, minute, tzinfo=TIMEZONE)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(24, 15, 29), at(21, 15, 30)),
        (at(24, 15, 30), at(24, 15, 30)),
        (at(23, 12), at(21, 15, 30)),  # Sunday
        (at(22, 23), at(21, 15, 30)),  # Saturday
        (at(25, 0), at(24, 15, 30)),
    ],
)
def test_the_last_cut_off_is_on_a_working_day(now: datetime, expected: datetime) -> None:
    assert last_cut_off(now, time(15, 30), reference().calendar(DESK, DAY)) == expected


def test_holidays_have_no_cut_off() -> None:
    calendar = reference().calendar(DESK, date(2025, 9, 2))
    assert last_cut_off(datetime(2025, 9, 2, 16, tzinfo=TIMEZONE), time(15, 30), calendar) == datetime(
        2025, 8, 29, 15, 30, tzinfo=TIMEZONE
    )
    assert next_cut_off(datetime(2025, 8, 29, 16, tzinfo=TIMEZONE), time(15, 30), calendar) == datetime(
        2025, 9, 3, 15, 30, tzinfo=TIMEZONE
    )


@given(st.integers(0, 60 * 24 * 300))
def test_now_lies_between_two_cut_offs(minutes: int) -> None:
    now = datetime(2025, 2, 10, tzinfo=TIMEZONE) + timedelta(minutes=minutes)
    calendar = reference().calendar(DESK, DAY)
    last, following = last_cut_off(now, time(15, 30), calendar), next_cut_off(now, time(15, 30), calendar)
    assert last is not None
    assert following is not None
    assert last <= now < following


def test_an_agency_may_have_its_own_cut_off() -> None:
    faults: list[object] = []
    data = {"valid_from": "2025-01-01", "cut_off": "15:30", "most_letters": 5, "agencies": {DESK: "10:00"}}
    rules = parse_rules(Record(data, "here", faults))  # type: ignore[arg-type]
    assert not faults
    assert (rules.cut_off_of(DESK), rules.cut_off_of("H12")) == (time(10), time(15, 30))
    assert batch_rules(DAY).most_letters > 0


def test_faults_of_the_rules_are_named() -> None:
    record = Record({"valid_from": "x", "cut_off": "25:00", "most_letters": 0, "agencies": {"A": "9"}}, "here")
    parse_rules(record)
    with pytest.raises(DataError) as caught:
        record.raise_faults()
    assert len(caught.value.faults) == 4


def test_a_letter_weighs_its_sheets_and_envelope() -> None:
    fees = postal_fees(DAY)
    assert fees.letter_grams(2) == 16
    step = fees.letter_step(2)
    assert step is not None
    assert step.grams == 20
    assert fees.letter_step(10_000) is None
    inside, outside = fees.parcel_step(101, True), fees.parcel_step(101, False)
    assert inside is not None
    assert outside is not None
    assert inside.grams == outside.grams == 250
    assert inside.fee < outside.fee


def test_weights_that_do_not_rise_are_a_fault() -> None:
    step = [{"grams": 100, "fee": 1}, {"grams": 20, "fee": 2}]
    data = {"valid_from": "2025-01-01", "certainty": "law", "sheet_grams": 5, "envelope_grams": 6}
    record = Record(data | dict.fromkeys(("letter", "same_province", "other_province"), step), "here")
    parse_fees(record)
    with pytest.raises(DataError, match="do not rise"):
        record.raise_faults()
