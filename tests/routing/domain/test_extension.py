"""An expected delay: apology, notice a day before, one new appointment, later and in working time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.routing.domain.extension import Extension, ExtensionNotAllowed, announce_until, check_extension
from services.routing.domain.rules import day_before
from shared.calendar.regulated_periods import UnitUnusable, period_end
from shared.regulations import Number, Regulation
from tests.routing.domain.rule_fixtures import BOTH, ND61, ND118, OFFICE, QD09, at

GOOD = Extension(
    0, at("2025-12-02 17:30"), at("2025-12-12 17:30"), at("2025-12-01 17:29"), "Chờ ý kiến sở chuyên ngành"
)
CITED = [(ND118, "19.6"), (ND61, "19")]
IDS = ["nd118_19_6", "nd61_19"]


def refusal_of(regulation: Regulation, extension: Extension) -> ExtensionNotAllowed:
    with pytest.raises(ExtensionNotAllowed) as refused:
        check_extension(regulation, extension, OFFICE)
    return refused.value


@pytest.mark.parametrize("regulation", [*BOTH, QD09], ids=lambda regulation: regulation.id)
def test_nd118_19_6_an_apology_in_time_gives_a_new_appointment(regulation: Regulation) -> None:
    check_extension(regulation, GOOD, OFFICE)


@pytest.mark.parametrize(("regulation", "article"), CITED, ids=IDS)
def test_nd118_19_6_one_reappointment_only(regulation: Regulation, article: str) -> None:
    refused = refusal_of(regulation, replace(GOOD, made_before=1))
    assert (refused.code, refused.article) == ("extension_already_made", article)


NOTICE = [
    # due, announced, allowed
    ("2025-12-02 17:30", "2025-12-01 23:59", True),
    ("2025-12-02 17:30", "2025-12-02 00:00", False),
    ("2025-12-02 17:30", "2025-12-02 17:31", False),
    ("2025-12-01 09:00", "2025-11-28 23:59", True),  # a Monday's dossier, on the Friday before
    ("2025-12-01 09:00", "2025-11-29 08:00", False),  # on a day off: the last working day before is meant
    ("2025-12-01 17:30", "2025-11-30 23:59", False),
    ("2025-12-01 09:00", "2025-12-01 08:59", False),
]


@pytest.mark.parametrize(("regulation", "article"), CITED, ids=IDS)
@pytest.mark.parametrize(("due", "announced", "allowed"), NOTICE)
def test_nd118_19_6_notice_at_least_a_day_before(
    regulation: Regulation, article: str, due: str, announced: str, allowed: bool
) -> None:
    extension = replace(GOOD, due_at=at(due), announced_at=at(announced))
    if allowed:
        check_extension(regulation, extension, OFFICE)
        return
    refused = refusal_of(regulation, extension)
    assert (refused.code, refused.article) == ("extension_announced_too_late", article)
    last = announce_until(regulation, at(due), OFFICE)
    assert last is not None
    assert f"{last:%d/%m/%Y}" in refused.vi


CONTENT = [
    ({"reason": "  "}, "extension_without_reason"),
    ({"new_due_at": GOOD.due_at}, "extension_not_later"),
    ({"new_due_at": at("2025-12-01 17:30")}, "extension_not_later"),
    ({"new_due_at": at("2025-12-12 12:00")}, "extension_outside_working_time"),
    ({"new_due_at": at("2025-12-13 09:00")}, "extension_outside_working_time"),  # a Saturday
    ({"new_due_at": at("2026-01-01 09:00")}, "extension_outside_working_time"),
]


@pytest.mark.parametrize(("regulation", "article"), CITED, ids=IDS)
@pytest.mark.parametrize(("change", "code"), CONTENT)
def test_nd118_19_6_the_new_time_is_later_in_working_time_and_has_a_reason(
    regulation: Regulation, article: str, change: dict[str, object], code: str
) -> None:
    refused = refusal_of(regulation, replace(GOOD, **change))  # type: ignore[arg-type]
    assert (refused.code, refused.article) == (code, article)


def test_qd09_a_version_without_the_rule_counts_no_appointments_and_cites_nothing() -> None:
    assert announce_until(QD09, GOOD.due_at, OFFICE) is None
    check_extension(QD09, replace(GOOD, made_before=3, announced_at=GOOD.due_at), OFFICE)
    refused = refusal_of(QD09, replace(GOOD, reason=""))
    assert (refused.article, refused.vi) == ("", "Văn bản xin lỗi phải nêu lý do.")


def number(unit: str, value: int = 2) -> Number:
    return Number("n", value, unit, "1", "law")


def test_days_before_are_working_days() -> None:
    assert day_before(number("working_days"), at("2025-12-01 09:00"), OFFICE).isoformat() == "2025-11-27"


@pytest.mark.parametrize(
    ("unit", "end"),
    [
        ("calendar_days", "2025-12-01 17:30"),
        ("working_days", "2025-12-02 17:30"),
        ("working_hours", "2025-11-28 10:00"),
        ("hours", "2025-11-28 10:00"),
    ],
)
def test_a_period_is_counted_in_the_unit_of_its_number(unit: str, end: str) -> None:
    assert period_end(number(unit), at("2025-11-28 08:00"), OFFICE) == at(end)


def test_a_number_in_another_unit_makes_no_period() -> None:
    with pytest.raises(UnitUnusable, match="n is in count, which is no period"):
        period_end(number("count"), GOOD.due_at, OFFICE)
    with pytest.raises(UnitUnusable, match="n is in calendar_days, not in working days"):
        day_before(number("calendar_days"), GOOD.due_at, OFFICE)
