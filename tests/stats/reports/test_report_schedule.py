"""Reports that are drawn up by themselves: over a year with Tết, once each, whatever dies in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.stats.reports import commands, store, sweeps
from services.stats.reports.domain import ReportState
from services.stats.reports.periods import ReportPeriod, containing
from services.stats.reports.rules import report_rules
from services.stats.reports.store import ListFilter, ReportRow
from services.stats.reports.sweeps import draw_up_due, due_reports
from shared.runtime.clock import VIETNAM
from tests.support.reports import dossiers_of, sample_content, sample_report
from tests.support.service import ServiceUnderTest

DESK = "H12.31.01"
ABOVE = {DESK, "H12.31", "H12"}
MINUTES = timedelta(minutes=10)


def all_reports(service: ServiceUnderTest) -> list[ReportRow]:
    with service.store.read() as connection:
        return store.list_reports(connection, ListFilter(), 5000)


def pass_to(service: ServiceUnderTest, moment: datetime) -> None:
    service.hand.seconds = moment.timestamp()


def draw_up_all(service: ServiceUnderTest) -> None:
    """Runs the sweep until nothing is due."""
    while draw_up_due(service.context):
        pass


def at(day: str, time: str = "06:30") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}:00+07:00")


def test_each_report_of_a_year_is_due_once_on_a_working_day_after_its_period(stats: ServiceUnderTest) -> None:
    agencies, rules = stats.context.reference.agencies, report_rules()
    due: dict[tuple[str, str, date], datetime] = {}
    for number in range(365):
        for one in due_reports(agencies, rules, date(2026, 1, 1) + timedelta(days=number)):
            if one.agency == "H12.20":
                assert due.setdefault((one.agency, one.kind, one.first), one.due_at) == one.due_at
    weeks = {first: moment for (_, kind, first), moment in due.items() if kind == "week"}
    calendar = agencies.calendar("H12.20", date(2026, 6, 1))
    for first, moment in weeks.items():
        day = moment.astimezone(VIETNAM).date()
        assert calendar.is_working_day(day)
        assert not any(
            calendar.is_working_day(first + timedelta(days=7 + gap)) for gap in range((day - first).days - 7)
        )
    # the weeks before and of the holidays of Tết (14 to 22 February 2026) are reported on after them, on the same day
    assert weeks[date(2026, 2, 9)] == weeks[date(2026, 2, 16)] == at("2026-02-23")
    months = {first: moment for (_, kind, first), moment in due.items() if kind == "month"}
    assert months[date(2026, 1, 1)] == at("2026-02-02")
    assert months[date(2026, 4, 1)] == at("2026-05-04"), "30 April and 1 May are holidays, then comes a week-end"
    assert {kind for _, kind, _ in due} == {"week", "month", "year"}, "a centre has no report from the 15th to the 14th"


def test_reports_are_drawn_up_when_they_are_due_and_once(
    both: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_counting(both, monkeypatch)
    both.apply(*dossiers_of(DESK, date(2026, 1, 6), 6, 5, 1))
    pass_to(both, at("2026-01-12", "06:29"))
    draw_up_due(both.context)
    assert all_reports(both) == []
    pass_to(both, at("2026-01-12", "06:31"))
    assert draw_up_due(both.context) > 0
    (weekly,) = all_reports(both)
    assert (weekly.agency, weekly.kind, weekly.period, weekly.state) == (DESK, "week", "2026-W02", ReportState.DRAFT)
    draw_up_all(both)
    assert all_reports(both) == [weekly]
    pass_to(both, at("2026-02-02"))
    draw_up_all(both)
    found = {(one.agency, one.kind, one.period) for one in all_reports(both)}
    assert {(agency, "month", "2026-01") for agency in ABOVE} <= found
    assert {agency for agency, _, _ in found} == ABOVE, "who does not use the platform gets no report"
    assert (DESK, "week", "2026-W04") in found, "once an agency reports, a week without dossiers is reported on too"
    with both.store.read() as connection:
        (entry,) = store.entries_of(connection, weekly.id)
    assert entry.by == commands.SCHEDULE


def without_counting(service: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets reports have numbers of nothing that has happened: counting takes most of the time, and is tried elsewhere."""

    def content(
        _connection: object, _agencies: object, agency: str, period: ReportPeriod, *_: object
    ) -> dict[str, Any]:
        return sample_content(service.context, agency, period, 9)

    monkeypatch.setattr(sweeps, "count_content", content)


class Crash(BaseException):
    """The process dies."""


@pytest.mark.parametrize("place", ["add_due", "count_content", "close_due", "draw_up"])
def test_a_crash_at_any_step_leaves_the_report_due(
    both: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    both.apply(*dossiers_of(DESK, date(2026, 1, 6), 6, 5, 1))
    without_counting(both, monkeypatch)
    pass_to(both, at("2026-01-12", "06:31"))
    where = store if place in ("add_due", "close_due") else sweeps
    right = getattr(where, place)

    def dying(*arguments: object, **named: object) -> None:
        right(*arguments, **named)
        raise Crash

    with monkeypatch.context() as dies:
        dies.setattr(where, place, dying)
        with pytest.raises(Crash):
            draw_up_all(both)
    assert all_reports(both) == []
    draw_up_all(both)
    assert [(one.agency, one.kind) for one in all_reports(both)] == [(DESK, "week")]


def test_one_report_that_cannot_be_counted_does_not_stop_the_others(
    stats: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    stats.apply(*dossiers_of(DESK, date(2026, 1, 6), 2))
    stats.apply(*dossiers_of("H12.32.01", date(2026, 1, 6), 2))
    pass_to(stats, at("2026-01-12", "07:00"))

    without_counting(stats, monkeypatch)
    right: Callable[..., dict[str, Any]] = getattr(sweeps, "count_content")  # noqa: B009 - as it is patched above

    def failing(connection: object, agencies: object, agency: str, *more: object) -> dict[str, object]:
        if agency == DESK:
            raise ValueError("cannot be counted")
        return right(connection, agencies, agency, *more)

    with monkeypatch.context() as fails:
        fails.setattr(sweeps, "count_content", failing)
        draw_up_all(stats)
    assert [one.agency for one in all_reports(stats)] == ["H12.32.01"]
    draw_up_all(stats)
    assert {one.agency for one in all_reports(stats)} == {DESK, "H12.32.01"}


def test_a_due_report_that_somebody_has_drawn_up_stays_as_it_is(stats: ServiceUnderTest) -> None:
    stats.apply(*dossiers_of(DESK, date(2026, 1, 6), 2))
    pass_to(stats, at("2026-01-12", "06:00"))
    period = containing(report_rules().kind("week"), date(2026, 1, 6))
    id_ = sample_report(stats.context, DESK, period)
    pass_to(stats, at("2026-01-12", "07:00"))
    draw_up_all(stats)
    (only,) = all_reports(stats)
    assert (only.id, only.counted_at) == (id_, at("2026-01-12", "06:00"))
