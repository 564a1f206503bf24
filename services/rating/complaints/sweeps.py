"""What time triggers: reminders and escalations, the end of waiting for a reply, and the erasure of personal data."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.rating.complaints import store
from services.rating.complaints.attachments.store import erase_files
from services.rating.complaints.case import COLUMNS, ESCALATIONS, Case, open_case
from services.rating.complaints.clock import ACTIVE, Deadline
from services.rating.complaints.commands import end_waiting
from services.rating.complaints.domain import Act, State
from services.rating.complaints.public.store import erase_words
from services.rating.complaints.rules import thresholds
from services.rating.complaints.store import Complaint
from shared.agencies.escalation import CENTRE, UNIT
from shared.calendar.deadlines import is_past
from shared.calendar.reminders import Reminder, due_reminders
from shared.observability import metrics
from shared.observability.metrics import sweep_failures
from shared.persistence.engine import may_succeed_later
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

log = logging.getLogger(__name__)

CHECKS, ERASURES = "complaints", "erase complaints"
PAGE, MAX_CHECKED = 100, 1000

Pages = Callable[[Connection, datetime, tuple[datetime, str] | None, int], list[Complaint]]


def check_complaints(context: Context) -> int:
    """Sends what reminders are due, and waits no longer for replies that did not come; returns how many rows changed."""
    return _each(context, CHECKS, store.to_check, lambda one: one.next_check_at, check)


def erase_complaints(context: Context) -> int:
    """Erases the personal data of complaints that ended long ago; returns how many."""
    return _each(context, ERASURES, store.to_erase, lambda one: one.erase_at, erase)


def check(work: UnitOfWork, code: str) -> bool:
    """Does for one complaint what is due; returns whether anything was."""
    case = open_case(work, code)
    one = case.complaint
    if one.next_check_at is None or one.next_check_at > work.now:
        return False  # somebody has changed it meanwhile
    if case.state == State.MORE_REQUESTED and one.reply_until is not None and is_past(one.reply_until, work.now):
        case.move(Act.STOP_WAITING, None)
        end_waiting(case, one.reply_until)
        return True
    case.count_again()  # a day may have been declared off since
    sent = sum(_remind(case, deadline) for deadline in ACTIVE.get(case.state, ()))
    case.count_again()
    return sent > 0


def _remind(case: Case, deadline: Deadline) -> int:
    """Sends the reminders of a limit that are due, each once; returns how many."""
    due = due_reminders(case.progress(deadline), case.sent(deadline), thresholds(), case.calendar, case.work.now)
    for reminder in due:
        if store.add_reminder(case.work, case.complaint.id, case.complaint.round, deadline, reminder):
            _announce(case, deadline, reminder)
    return len(due)


def _announce(case: Case, deadline: Deadline, reminder: Reminder) -> None:
    due_at: datetime = getattr(case.complaint, COLUMNS[deadline])
    if reminder == Reminder.DUE_SOON:
        case.emit("due_soon", deadline=deadline.value, due_at=due_at, warned_at=case.work.now)
    elif reminder == Reminder.OVERDUE:
        case.emit("overdue", deadline=deadline.value, due_at=due_at, escalation=UNIT, overdue_at=case.work.now)
    elif ESCALATIONS[reminder] == CENTRE:
        case.emit("overdue", deadline=deadline.value, due_at=due_at, escalation=CENTRE, overdue_at=case.work.now)


def erase(work: UnitOfWork, code: str) -> bool:
    """Erases the personal data of one complaint, if it is time; returns whether it was."""
    case = open_case(work, code)
    one = case.complaint
    if one.erase_at is None or one.erase_at > work.now:
        return False
    store.erase_texts(work.connection, one.id)
    erase_files(work, one.id)
    erase_words(work.connection, one.id)
    case.set(erase_at=None, erased_at=work.now)
    work.emit("complaint.erased", {"complaint": one.code, "erased_at": work.now})
    return True


def _each(
    context: Context,
    name: str,
    pages: Pages,
    moment: Callable[[Complaint], datetime | None],
    act: Callable[[UnitOfWork, str], bool],
) -> int:
    """Does something for all rows that are due, each in a transaction of its own. A row that fails is tried again in the next run."""
    now = context.clock.now()
    metrics.start_at_zero(sweep_failures, context.service, [name])
    changed, after = 0, None
    while changed < MAX_CHECKED:
        with context.store.read() as connection:
            page = pages(connection, now, after, PAGE)
        changed += sum(_try(context, name, act, one.code) for one in page)
        if len(page) < PAGE:
            break
        after = (moment(page[-1]) or now, page[-1].id)
    return changed


def _try(context: Context, name: str, act: Callable[[UnitOfWork, str], bool], code: str) -> bool:
    try:
        return context.store.run(lambda work: act(work, code))
    except Exception as error:  # an error in one row must not stop the others
        if may_succeed_later(error):
            raise
        sweep_failures.labels(context.service, name).inc()
        log.error("sweep %s failed on %s: %s: %s", name, code, type(error).__name__, error)  # noqa: TRY400
        return False


CHECK_COMPLAINTS = Sweep(CHECKS, timedelta(seconds=30), check_complaints)
ERASE_COMPLAINTS = Sweep(ERASURES, timedelta(hours=1), erase_complaints)
