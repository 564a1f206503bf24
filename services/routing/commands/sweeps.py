"""What time triggers in routing: reminders, lateness, escalation, lapsed hand-overs, closing of dossiers whose supplement did not come,
and clocks that resume at the end of a public posting.

Every step and dossier stores when it must be checked next; a sweep checks those whose time has come, each in its own transaction.
Rows with nothing pending have no such time and cost a sweep nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from services.routing.commands.applications import check_application
from services.routing.commands.closure import close_unsupplemented
from services.routing.dossier import clock, days_off, jurisdiction, reminders
from services.routing.dossier.load import load_dossier
from services.routing.dossier.transaction import DossierTransaction
from services.routing.plugins.sending_again import send_if_due
from services.routing.plugins.sent_steps import due_to_send_again
from services.routing.store import tasks
from services.routing.store.due_checks import (
    Deadline,
    DueCheck,
    Pages,
    StepDeadlines,
    applications_due_for_check,
    deadlines_after,
    dossiers_due_for_check,
    late_steps_after,
    step_deadlines_after,
    tasks_due_for_check,
)
from shared.agencies import UnknownAgency
from shared.calendar import CalendarRangeError
from shared.calendar.reminders import Reminder
from shared.observability import metrics
from shared.observability.metrics import sweep_failures
from shared.persistence.engine import may_succeed_later
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

log = logging.getLogger(__name__)

PAGE = 200
MAX_CHECKED = 2000
"""About how many rows one run changes; the next run continues."""

Check = Callable[[UnitOfWork, str], bool]
_Row = TypeVar("_Row", Deadline, StepDeadlines)
DeadlinePages = Callable[[Connection, str, int], list[_Row]]
"""One page of deadlines, after a key."""


class NoOpenStep(LookupError):
    """An active dossier has no open step; somebody must examine the store."""


def check_dossiers(context: Context) -> int:
    """Checks the dossiers whose time has come: reminders, closing for want of a supplement, resuming clocks; returns how many changed."""
    return _sweep(context, "dossiers", dossiers_due_for_check, check_dossier)


def check_applications(context: Context) -> int:
    """Checks the applications whose time has come: alerts and escalations; returns how many changed."""
    return _sweep(context, "applications", applications_due_for_check, check_application)


def check_tasks(context: Context) -> int:
    """Checks the steps whose time has come: reminders and lapsed hand-overs; returns how many changed."""
    return _sweep(context, "steps", tasks_due_for_check, check_task)


def send_unanswered(context: Context) -> int:
    """Sends agencies' own software again the steps that it has not answered in time; returns how many were sent."""
    return _sweep(context, "agency steps", due_to_send_again, send_if_due)


def check_calendar(context: Context) -> int:
    """Moves the deadlines whose last day was declared off since they were set, of dossiers and of steps; returns how many changed.

    Marks as overdue that a day off makes wrong are withdrawn, also those of dossiers and steps that have ended.

    Calendars change when a service is started with new data, and this sweep runs at once then, so that pages and queues show the new times
    and citizens are told early. A deadline is moved in any case before it counts as missed.
    """
    since = context.clock.now() - days_off.LOOK_BACK
    pages = partial(deadlines_after, since=since)
    moved = _follow(context, pages, lambda row: _dossier_day_off(context, row), check_dossier)
    for steps in (step_deadlines_after, partial(late_steps_after, since=since)):
        if moved < MAX_CHECKED:
            moved += _follow(context, steps, lambda row: _step_day_off(context, row), follow_step)
    return moved


def _follow(context: Context, pages: DeadlinePages[_Row], has_day_off: Callable[[_Row], bool], check: Check) -> int:
    """Checks the rows that have a deadline on a day off."""
    changed, after = 0, ""
    while True:
        with context.store.read() as connection:
            page = pages(connection, after, PAGE)
        changed += sum(_try(context, "calendar", check, row.key) for row in page if _suspect(has_day_off, row))
        if len(page) < PAGE or changed >= MAX_CHECKED:
            return changed
        after = page[-1].key


def _suspect(has_day_off: Callable[[_Row], bool], row: _Row) -> bool:
    """Whether a row must be checked; one whose calendar is not found is, so that the error is its own."""
    try:
        return has_day_off(row)
    except (UnknownAgency, CalendarRangeError):
        return True


def _dossier_day_off(context: Context, row: Deadline) -> bool:
    on = jurisdiction.day_of(row.received_at)
    if context.reference.calendar(row.receiving_agency, on).rolled(row.due_at) != row.due_at:
        return True
    if row.supplement_until is None:
        return False
    desk = jurisdiction.calendar_of(context.reference, row.receiving_agency, context.clock.now())
    return not desk.is_working_day(jurisdiction.day_of(row.supplement_until))


def _step_day_off(context: Context, row: StepDeadlines) -> bool:
    calendar = jurisdiction.calendar_of(context.reference, row.agency, context.clock.now())
    deadlines = (row.due_at, row.receipt_due_at, row.wait_until)
    return any(at is not None and calendar.rolled(at) != at for at in deadlines)


def check_dossier(work: UnitOfWork, code: str) -> bool:
    """Does what is due with one dossier now; returns whether anything changed.

    Raises:
        NoOpenStep: it is active and no step is open.
    """
    transaction = load_dossier(work, code)
    if transaction is None:
        return False
    if transaction.root.next_check_at is None:
        return transaction.clock_changed
    if close_unsupplemented(transaction, work.now):
        return True
    due = reminders.due_dossier_reminders(transaction)
    for reminder in due:
        _send(transaction, reminder)
    clock.schedule_next_check(transaction)
    return transaction.clock_changed or bool(due)


def check_task(work: UnitOfWork, id_: str) -> bool:
    """Does what is due with one step now; returns whether anything changed."""
    found = tasks.find(work.connection, id_)
    transaction = load_dossier(work, found.dossier) if found else None
    task = tasks.find(work.connection, id_)  # read again: this transaction may have waited for the lock
    if transaction is None or task is None or task.next_check_at is None:
        return False
    followed = days_off.follow_step(transaction, task)
    return reminders.send_due_reminders(transaction, followed) > 0 or followed != task


def follow_step(work: UnitOfWork, id_: str) -> bool:
    """Moves the deadlines of one step, and of its dossier, whose last day was declared off; returns whether any moved."""
    found = tasks.find(work.connection, id_)
    transaction = load_dossier(work, found.dossier) if found else None
    task = tasks.find(work.connection, id_)  # read again: this transaction may have waited for the lock
    if transaction is None or task is None:
        return False
    followed = days_off.follow_step(transaction, task)
    return transaction.clock_changed or followed != task


def _send(transaction: DossierTransaction, reminder: Reminder) -> None:
    now = transaction.work.now
    if reminder == Reminder.DUE_SOON:
        transaction.set_root(due_soon_at=now)
        transaction.emit(
            "dossier.due_soon", agency=transaction.root.handling_agency, due_at=transaction.root.due_at, warned_at=now
        )
        return
    if reminder in reminders.ESCALATION:
        reminders.escalate_dossier(transaction, reminders.ESCALATION[reminder])
        return
    open_steps = [
        task for task in tasks.open_of_root(transaction.connection, transaction.root.code) if task.kind == tasks.STEP
    ]
    if not open_steps:
        raise NoOpenStep(f"{transaction.root.code} is active without an open step")
    clock.announce_overdue(transaction, open_steps[0], now)


def _sweep(context: Context, name: str, pages: Pages, check: Check) -> int:
    """Checks all rows whose time has come.

    A row that fails is logged by its code, counted, skipped and tried again in the next run; it never delays the others.

    Raises:
        sqlalchemy.exc.DBAPIError: the database is not available.
    """
    now = context.clock.now()
    metrics.start_at_zero(sweep_failures, context.service, [name])
    changed = 0
    last: DueCheck | None = None
    while changed < MAX_CHECKED:  # rows that fail do not count, so that they cannot use up the run
        with context.store.read() as connection:
            page = pages(connection, now, last, PAGE)
        changed += sum(_try(context, name, check, row.key) for row in page)
        if len(page) < PAGE:
            break
        last = page[-1]
    return changed


def _try(context: Context, name: str, check: Check, key: str) -> bool:
    try:
        return context.store.run(lambda work: check(work, key))
    except Exception as error:  # an error in one row must not stop the others
        if may_succeed_later(error):
            raise
        sweep_failures.labels(context.service, name).inc()
        log.error("sweep %s failed on %s: %s: %s", name, key, type(error).__name__, error)  # noqa: TRY400
        return False


DOSSIERS = Sweep("dossiers", timedelta(seconds=30), check_dossiers)
STEPS = Sweep("steps", timedelta(seconds=30), check_tasks)
APPLICATIONS = Sweep("applications", timedelta(seconds=30), check_applications)
CALENDAR = Sweep("calendar", timedelta(hours=1), check_calendar)
AGENCY_STEPS = Sweep("agency steps", timedelta(minutes=1), send_unanswered)
