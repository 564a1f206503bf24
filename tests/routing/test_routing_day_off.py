"""A last day that is declared off after it was promised gives way to the next working day (Civil Code 2015, article 148.5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest

from services.routing.commands.sweeps import check_calendar
from shared.calendar import CalendarRules, Session, WorkingCalendar
from shared.calendar.deadlines import due
from shared.calendar.holidays import public_holidays
from shared.calendar.model import Reason
from shared.calendar.rules import ClosedDay, OpenDay
from shared.runtime.reference_data import Reference
from tests.routing.domain.rule_fixtures import OFFICE
from tests.routing.service_fixture import PROMISED, RoutingFixture, at, reference

TUESDAY = date(2025, 12, 2)  # the promised day
WEDNESDAY = at("2025-12-03 17:30")
MORNING = Session(at("2025-12-02 07:30").time(), at("2025-12-02 11:30").time())


def closed(*days: date) -> WorkingCalendar:
    return WorkingCalendar(CalendarRules(closed=tuple(ClosedDay(day, "nghỉ do bão", "storm") for day in days)))


@dataclass(frozen=True)
class _Declared(Reference):
    declared: WorkingCalendar = OFFICE

    def calendar(self, agency: str, on: date) -> WorkingCalendar:
        super().calendar(agency, on)  # an unknown agency has none
        return self.declared


def declare_off(service: RoutingFixture, *days: date) -> None:
    """Restarts routing with a calendar in which these days are closed."""
    known = _Declared(reference().agencies, reference().regulations, closed(*days))
    service.store._reference = known
    service.context = replace(service.context, reference=known)


def moved(service: RoutingFixture) -> list[tuple[str, str, str]]:
    return [
        (one.data["deadline"], one.data["was_at"], one.data["moved_to"])
        for one in service.emitted("dossier.deadline_moved")
    ]


def test_the_promise_moves_and_the_citizen_is_told_before_the_day(land: RoutingFixture) -> None:
    land.advance_to(at("2025-11-25 09:00"))
    declare_off(land, TUESDAY)
    assert check_calendar(land.context) == 1
    assert check_calendar(land.context) == 0
    assert moved(land) == [("result", "2025-12-02T17:30:00+07:00", "2025-12-03T17:30:00+07:00")]
    assert (land.dossier().promised_at, land.dossier().due_at, land.dossier().index_due_at) == (
        PROMISED,
        WEDNESDAY,
        WEDNESDAY,
    )


def test_the_dossier_is_not_overdue_on_the_day_off_even_if_nobody_looked_before(land: RoutingFixture) -> None:
    declare_off(land, TUESDAY)
    land.advance_to(at("2025-12-02 18:00"))
    land.sweep()
    assert land.event_names("dossier.overdue") == []
    assert land.dossier().due_at == WEDNESDAY
    land.advance_to(at("2025-12-03 17:31"))
    land.sweep()
    assert land.dossier().overdue_at == WEDNESDAY


def test_a_result_on_the_next_working_day_is_on_time(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment:no_tax", "printing", "checking", "signing", "hand-over")
    declare_off(land, TUESDAY)
    land.advance_to(at("2025-12-03 10:00"))
    land.complete("receive-result")
    assert (land.dossier().on_time, land.dossier().index_on_time) == (True, True)
    assert land.event_names("dossier.overdue") == []


def test_a_day_off_inside_the_period_leaves_the_promise(land: RoutingFixture) -> None:
    declare_off(land, date(2025, 11, 25), date(2025, 11, 26))
    assert check_calendar(land.context) == 0
    land.advance_to(at("2025-12-02 17:31"))
    land.sweep()
    assert (land.dossier().due_at, land.dossier().overdue_at) == (PROMISED, PROMISED)


def test_a_receipt_that_was_printed_before_the_day_off_was_known(service: RoutingFixture) -> None:
    declare_off(service, TUESDAY)
    service.publish()
    service.receive()
    assert service.dossier().due_at == WEDNESDAY
    assert [entry[0] for entry in moved(service)] == ["result"]


def test_a_citizens_period_is_open_until_the_end_of_the_next_working_day(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.request_supplement("assessment")
    assert land.dossier().supplement_until == at("2025-12-05 23:59")
    declare_off(land, date(2025, 12, 5))
    land.advance_to(at("2025-12-06 08:00"))
    land.sweep()
    assert (land.dossier().state, land.dossier().supplement_until) == ("supplement", at("2025-12-08 23:59"))
    assert moved(land) == [("supplement", "2025-12-05T23:59:00+07:00", "2025-12-08T23:59:00+07:00")]
    land.advance_to(at("2025-12-08 23:00"))
    land.supplement()
    assert land.dossier().state == "active"


def test_a_step_due_on_a_day_off_is_not_overdue(land: RoutingFixture) -> None:
    declare_off(land, date(2025, 11, 20))
    land.advance_to(at("2025-11-20 15:00"))
    land.sweep()
    assert land.event_names("step.overdue") == []
    assert land.step("transfer").due_at == at("2025-11-21 17:30")


@pytest.mark.parametrize("minutes", [0, 1])
def test_one_rule_with_and_without_uncounted_time(minutes: int) -> None:
    calendar = closed(TUESDAY)
    expected = WEDNESDAY if not minutes else at("2025-12-04 07:31")
    assert due(PROMISED, minutes, calendar) == expected


def test_a_day_that_closes_early_counts_as_closed_for_its_rest() -> None:
    early = WorkingCalendar(CalendarRules(opened=(OpenDay(TUESDAY, (MORNING,), "nghỉ chiều do bão", "storm"),)))
    assert early.rolled(PROMISED) == WEDNESDAY
    assert early.rolled(at("2025-12-02 10:15")) == at("2025-12-02 10:15")


def test_a_swap_that_closes_the_promised_day_moves_it_to_the_next_working_day() -> None:
    promised, off, worked = at("2026-12-01 17:30"), date(2026, 12, 1), date(2026, 12, 5)
    known = public_holidays()
    swapped = replace(
        known,
        closed=dict(known.closed) | {off: Reason("substituted", "nghỉ, làm bù ngày 05/12/2026", "day off")},
        worked=dict(known.worked) | {worked: off},
    )
    calendar = WorkingCalendar(CalendarRules(), swapped)
    assert calendar.is_working_day(worked)
    assert due(promised, 0, calendar) == at("2026-12-02 17:30")
