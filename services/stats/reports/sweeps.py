"""What time triggers: reports are drawn up after their periods, each by a row that says it is due, and papers are made that are missing.

A due report is first kept as a row and then drawn up in a transaction that closes the row, so that a crash at any line leaves it due, and
two processes draw it up once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from services.stats.reports import store
from services.stats.reports.commands import SCHEDULE, draw_up
from services.stats.reports.content import active_agencies, count_content
from services.stats.reports.files import keep_missing_papers
from services.stats.reports.periods import ReportPeriod, before, containing
from services.stats.reports.rules import ReportRules, Schedule, report_rules
from services.stats.reports.store import DueReport
from shared.agencies import Agencies
from shared.calendar import CalendarRangeError
from shared.observability import metrics
from shared.persistence.engine import may_succeed_later
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Reports that one run draws up; the next run goes on."""

failures = metrics.counter(
    "motcua_report_failures", "Due reports that could not be drawn up; each is tried again in the next run.", "kind"
)


_quiet_until: WeakKeyDictionary[Store, datetime] = WeakKeyDictionary()
"""Until when no further report becomes due, so that a run in between asks the database one question only."""


def draw_up_due(context: Context) -> int:
    """Keeps which reports are due, and draws them up; returns how many rows were closed."""
    rules, now = report_rules(), context.clock.now()
    metrics.start_at_zero(failures, context.service, sorted(rules.kinds))
    if context.store not in _quiet_until or now >= _quiet_until[context.store]:
        _quiet_until[context.store] = _keep_due(context, rules, now)
    with context.store.read() as connection:
        waiting = store.open_due(connection, now, AT_ONCE)
    periods = {(one.kind, one.first): containing(rules.kind(one.kind), one.first) for one in waiting}
    with context.store.read() as connection:
        active = {key: active_agencies(connection, period, now) for key, period in periods.items()}
    return sum(_try(context, rules, one, active[one.kind, one.first]) for one in waiting)


def due_reports(agencies: Agencies, rules: ReportRules, today: date) -> Iterator[DueReport]:
    """The reports on periods that are over, and not too long over; some become due in the next days.

    Args:
        agencies: all of them; an agency reports on periods at whose end it existed.
        rules: of reports.
        today: the local day.
    """
    for schedule in rules.schedules:
        for period in _periods(schedule, today):
            for agency in agencies.all(period.last):
                if not set(schedule.roles).isdisjoint(agency.roles):
                    due_at = _due_at(agencies, schedule, period, agency.code)
                    yield DueReport(agency.code, schedule.kind.id, period.first, due_at)


def _periods(schedule: Schedule, today: date) -> Iterator[ReportPeriod]:
    """The periods of a schedule that are over, the newest first."""
    period = containing(schedule.kind, today)
    if period.last >= today:
        period = before(period)
    while period.last + schedule.look_back >= today:
        if schedule.valid_from <= period.last and (schedule.valid_to is None or period.last <= schedule.valid_to):
            yield period
        period = before(period)


def _due_at(agencies: Agencies, schedule: Schedule, period: ReportPeriod, agency: str) -> datetime:
    try:
        return schedule.due_at(period, agencies.calendar(agency, period.last))
    except (
        CalendarRangeError
    ):  # holidays of the coming year are not known yet: calendar days, so that no report is left out
        day = period.last + timedelta(days=max(schedule.days_after, 1))
        return datetime.combine(day, schedule.at, VIETNAM)


def _keep_due(context: Context, rules: ReportRules, now: datetime) -> datetime:
    """Keeps the reports that are due now; returns when the next one becomes due, or the next day begins."""
    today = now.astimezone(VIETNAM).date()
    over = list(due_reports(context.reference.agencies, rules, today))
    found = [one for one in over if one.due_at <= now]
    if found:
        with context.store.read() as connection:
            known = store.known_due(connection, min(one.first for one in found))
        new = [one for one in found if (one.agency, one.kind, one.first) not in known]
        if new:
            context.store.run(partial(store.add_due, due=new))
    tomorrow = datetime.combine(today + timedelta(days=1), time(), VIETNAM)
    return min([tomorrow, *(one.due_at for one in over if one.due_at > now)])


def _try(context: Context, rules: ReportRules, due: DueReport, active: frozenset[str]) -> bool:
    try:
        return _draw_up(context, rules, due, active)
    except Exception as error:  # one report must not stop the others
        if may_succeed_later(error):
            raise
        failures.labels(context.service, due.kind).inc()
        log.error("report %s of %s: %s: %s", due.kind, due.agency, type(error).__name__, error)  # noqa: TRY400
        return False


def _draw_up(context: Context, rules: ReportRules, due: DueReport, active: frozenset[str]) -> bool:
    period, agencies = containing(rules.kind(due.kind), due.first), context.reference.agencies
    content: dict[str, Any] | None = None
    with context.store.read() as connection:
        # an agency that does not use the platform yet gets no reports
        own = agencies.descendants(due.agency, period.last)
        if not active.isdisjoint(own) or store.reported_before(connection, due.agency, period.first):
            content = count_content(connection, agencies, due.agency, period, context.clock.now(), rules)

    def close(work: UnitOfWork) -> bool:
        if not store.close_due(work.connection, due, work.now):
            return False
        if content is not None:
            draw_up(work, due.agency, period, content, SCHEDULE)
        return True

    return context.store.run(close)


DUE_REPORTS = Sweep("reports", timedelta(minutes=10), draw_up_due)
REPORT_PAPERS = Sweep("report papers", timedelta(minutes=1), keep_missing_papers)
SWEEPS = (DUE_REPORTS, REPORT_PAPERS)
