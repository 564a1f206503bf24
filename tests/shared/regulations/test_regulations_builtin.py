"""The numbers of the law as the product ships them, article by article."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from shared.regulations import NumberNotFound, Regulation, RegulationNotFound, Regulations
from shared.runtime.clock import VIETNAM

REGULATIONS = Regulations.load()
NOW = REGULATIONS.get("nd118-2025")
BEFORE = REGULATIONS.get("nd61-2018")
SWITCH = datetime(2025, 7, 1, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("on", "id"),
    [
        (date(2015, 5, 15), "qd09-2015"),
        (date(2018, 6, 20), "qd09-2015"),
        (date(2018, 6, 21), "nd61-2018"),
        (date(2025, 6, 30), "nd61-2018"),
        (date(2025, 7, 1), "nd118-2025"),
        (date(2040, 1, 1), "nd118-2025"),
    ],
)
def test_the_version_in_force(on: date, id: str) -> None:
    assert REGULATIONS.on(on).id == id


@pytest.mark.parametrize(
    ("name", "value", "unit", "article"),
    [
        ("online_alert_hours", 2, "hours", "17.2"),
        ("online_acceptance_working_hours", 8, "working_hours", "17.2c"),
        ("late_receipt_after", time(15, 0), "time_of_day", "18.2"),
        ("transfer_same_day", True, "boolean", "18.2"),
        ("paper_transfer_other_level_working_days", 1, "working_days", "20.1a"),
        ("supplement_requests_max", 1, "count", "11.2c, 16.3"),
        ("supplement_return_working_days", 3, "working_days", "19.5"),
        ("supplement_through_desk", True, "boolean", "5.1e, 19.5"),
        ("supplement_wait_days", 15, "calendar_days", "19.5"),
        ("supplement_restarts_deadline", True, "boolean", "19.5"),
        ("refusal_in_writing", True, "boolean", "19.3"),
        ("apology_notice_days_before", 1, "working_days", "19.6"),
        ("reappointments_max", 1, "count", "19.6"),
        ("withdrawal_until_result", True, "boolean", "21"),
        ("early_result_notice_first", True, "boolean", "22.5"),
        ("own_error_correction_working_days", 3, "working_days", "23.1"),
        ("online_fee_transfer_working_hours", 8, "working_hours", "24.3"),
    ],
)
def test_number_of_decree_118(name: str, value: object, unit: str, article: str) -> None:
    number = NOW.number(name)
    assert (number.value, number.unit, number.article, number.certainty) == (value, unit, article, "law")


@pytest.mark.parametrize(
    ("name", "value", "unit", "article"),
    [
        ("late_receipt_after", time(15, 0), "time_of_day", "18"),
        ("transfer_same_day", True, "boolean", "18"),
        ("supplement_requests_max", 1, "count", "17"),
        ("supplement_return_working_days", 3, "working_days", "19"),
        ("supplement_through_desk", True, "boolean", "19"),
        ("supplement_restarts_deadline", True, "boolean", "19"),
        ("refusal_in_writing", True, "boolean", "19"),
        ("apology_notice_days_before", 1, "working_days", "19"),
        ("reappointments_max", 1, "count", "19"),
        ("early_result_notice_first", True, "boolean", "20"),
    ],
)
def test_number_of_decree_61(name: str, value: object, unit: str, article: str) -> None:
    number = BEFORE.number(name)
    assert (number.value, number.unit, number.article, number.certainty) == (value, unit, article, "memory")


@pytest.mark.parametrize(
    "name", ["supplement_wait_days", "own_error_correction_working_days", "paper_transfer_other_level_working_days"]
)
def test_decree_61_holds_no_number_that_is_not_known(name: str) -> None:
    assert BEFORE.find(name) is None


@pytest.mark.parametrize("regulation", [BEFORE, NOW])
def test_the_index_766_allows_one_supplement_request(regulation: Regulation) -> None:
    number = regulation.number("index_supplement_requests_max")
    assert (number.count, number.article, number.certainty) == (1, "QĐ 766/QĐ-TTg, 2.1", "secondary")


def test_a_dossier_keeps_the_version_of_the_local_day_on_which_it_was_received() -> None:
    assert REGULATIONS.at(SWITCH - timedelta(seconds=1)) is BEFORE
    assert REGULATIONS.at(SWITCH) is NOW
    assert REGULATIONS.at(datetime(2025, 6, 30, 16, 59, tzinfo=UTC)) is BEFORE
    assert REGULATIONS.at(datetime(2025, 6, 30, 17, 0, tzinfo=UTC)) is NOW, "already 1 July in Vietnam"
    with pytest.raises(ValueError, match="no time zone"):
        REGULATIONS.at(datetime(2025, 7, 1))


def test_unchecked_numbers_are_marked() -> None:
    for id in ("nd61-2018", "qd09-2015"):
        assert {number.certainty for number in REGULATIONS.get(id).numbers.values()} == {"memory", "secondary"}


def test_a_number_is_read_by_its_unit() -> None:
    assert NOW.number("supplement_wait_days").count == 15
    assert NOW.number("late_receipt_after").clock == time(15, 0)
    assert NOW.number("supplement_restarts_deadline").boolean is True
    with pytest.raises(TypeError, match="late_receipt_after is a time_of_day"):
        _ = NOW.number("late_receipt_after").count
    with pytest.raises(TypeError, match="supplement_wait_days is in calendar_days, not a time of day"):
        _ = NOW.number("supplement_wait_days").clock
    with pytest.raises(TypeError, match="not a yes or no"):
        _ = NOW.number("supplement_wait_days").boolean


def test_an_unknown_number_names_the_regulation_and_what_it_has() -> None:
    with pytest.raises(
        NumberNotFound, match=r"qd09-2015 has no number 'late_receipt_after'; it has hours_per_working_day"
    ):
        REGULATIONS.get("qd09-2015").number("late_receipt_after")
    assert REGULATIONS.get("qd09-2015").find("late_receipt_after") is None


def test_an_unknown_regulation_or_day_is_named() -> None:
    with pytest.raises(RegulationNotFound, match=r"no regulation 'nd1'; there are qd09-2015, nd61-2018, nd118-2025"):
        REGULATIONS.get("nd1")
    with pytest.raises(RegulationNotFound, match=r"no regulation in force on 2015-05-14; the first is from 2015-05-15"):
        REGULATIONS.on(date(2015, 5, 14))


def test_all_versions_come_the_oldest_first() -> None:
    assert [version.id for version in REGULATIONS.all()] == ["qd09-2015", "nd61-2018", "nd118-2025"]
