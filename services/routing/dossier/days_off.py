"""Deadlines whose last day was declared off since they were set end with the next working day (Civil Code 2015, article 148.5).

Holidays, swapped days and an agency's own closings count alike, and the calendar as it is now decides, whenever the day off was entered.
A mark as overdue that such a day makes wrong is withdrawn. A time that was moved stays moved, even if the day is not off after all: the
citizen was told. The ends of public postings are in postings.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.routing.apologies import drafting
from services.routing.domain.handover import HandoverKind
from services.routing.domain.states import IN_HAND, DossierState
from services.routing.dossier import clock, control_sheet, jurisdiction, officials, reminders
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import dossiers, tasks
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import STEP, Task
from shared.agencies import UnknownAgency
from shared.calendar import WorkingCalendar
from shared.calendar.deadlines import end_of_day, is_past
from shared.runtime.clock import VIETNAM

LOOK_BACK = timedelta(days=365)
"""How long the lateness of dossiers and steps that have ended is still withdrawn; after that their year is closed."""


def follow_dossier(transaction: DossierTransaction) -> bool:
    """Moves the citizen's deadlines, and withdraws a wrong mark as overdue; returns whether anything changed.

    Emits `dossier.deadline_moved`, so that the citizen is told, and `dossier.overdue_withdrawn`, so that statistics are right.
    """
    try:
        supplement_moved = _follow_supplement(transaction)
        return _follow_result(transaction) or supplement_moved
    except UnknownAgency:
        return False  # a desk that the data has lost: who needs it says so, everything else goes on


def follow_step(transaction: DossierTransaction, task: Task) -> Task:
    """Moves the due times of a step, and withdraws what was entered as missed; returns the step as it now is."""
    calendar = jurisdiction.calendar_of(transaction.reference, task.agency, transaction.work.now)
    if task.completed_at is not None:
        return _follow_done(transaction, task, task.completed_at, calendar)
    moved: dict[str, Any] = {
        name: calendar.rolled(at)
        for name, at in (("due_at", task.due_at), ("receipt_due_at", task.receipt_due_at))
        if at is not None and calendar.rolled(at) != at
    }
    if task.overdue_at is not None and (to := calendar.rolled(task.overdue_at)) != task.overdue_at:
        moved |= {"overdue_at": None, "due_soon_at": None, "escalation": transaction.root.escalation}
        _withdraw_step(transaction, task, task.overdue_at, to)
    if task.lapsed_at is not None and (to := calendar.rolled(task.lapsed_at)) != task.lapsed_at:
        moved |= {"lapsed_at": None}
        _enter(transaction, task, task.lapsed_at, to)
    if not moved:
        return task
    tasks.change(transaction.connection, task.id, **moved)
    return reminders.schedule_next_check(transaction, task.with_(**moved))


def _follow_done(
    transaction: DossierTransaction, task: Task, completed_at: datetime, calendar: WorkingCalendar
) -> Task:
    """A step that was completed late was completed in time after all, if its due day was off."""
    if task.on_time is not False or task.due_at is None:
        return task
    due_at = calendar.rolled(task.due_at)
    if due_at == task.due_at or is_past(due_at, completed_at):
        return task
    changed = {"due_at": due_at, "on_time": True, "overdue_at": None}
    tasks.change(transaction.connection, task.id, **changed)
    _withdraw_step(transaction, task, task.due_at, due_at)
    if task.kind == STEP:
        officials.emit_completed(transaction, task.with_(**changed))
    return task.with_(**changed)


def _withdraw_step(transaction: DossierTransaction, task: Task, missed: datetime, moved_to: datetime) -> None:
    _enter(transaction, task, missed, moved_to)
    done = (
        task.completed_at is not None and task.kind == STEP
    )  # a correction that was completed is no step of the route
    transaction.emit(
        "step.overdue_withdrawn",
        task=task.id,
        step=task.step,
        agency=task.agency,
        due_at=missed,
        withdrawn_at=transaction.work.now,
        outcome=task.outcome if done else None,
        counted=task.counted if done else None,
        assigned_at=task.assigned_at if done else None,
        completed_at=task.completed_at if done else None,
    )


def _follow_supplement(transaction: DossierTransaction) -> bool:
    root = transaction.root
    if root.state != DossierState.SUPPLEMENT or root.supplement_until is None:
        return False
    calendar = jurisdiction.calendar_of(transaction.reference, root.receiving_agency, transaction.work.now)
    if calendar.is_working_day(jurisdiction.day_of(root.supplement_until)):
        return False
    until = end_of_day(calendar.rolled(root.supplement_until))
    transaction.set_root(supplement_until=until)
    clock.schedule_next_check(transaction)
    clock.emit_moved(transaction, "supplement", root.supplement_until, until)
    return True


def _follow_result(transaction: DossierTransaction) -> bool:
    root = transaction.root
    if root.overdue_at is not None:
        return _follow_missed(transaction, root.overdue_at)
    if root.state != DossierState.ACTIVE or root.paused:
        return False  # when time counts again, the due time is computed anew
    due_at = transaction.calendar.rolled(root.due_at)
    if due_at == root.due_at:
        return False
    since = min(root.due_at, transaction.work.now)
    transaction.set_root(due_at=due_at, **clock.moved(root, root.due_at, since, due_at, due_at))
    _update_index(transaction, transaction.work.now)
    transaction.set_root(**reminders.reset_after_new_promise(root))
    clock.schedule_next_check(transaction)
    clock.emit_moved(transaction, "result", root.due_at, due_at)
    return True


def _follow_missed(transaction: DossierTransaction, missed: datetime) -> bool:
    """Moves a due time that was announced as missed, and withdraws the mark, or moves it if the later time was missed too."""
    before, now = transaction.root, transaction.work.now
    ended_at = before.resolved_at or before.stopped_at
    moved_to = transaction.calendar.rolled(missed)
    if moved_to == missed or (ended_at is not None and missed < now - LOOK_BACK):
        return False
    intervals = dossiers.intervals_of(transaction.connection, before.code)
    still = is_past(moved_to, clock.counted_until(intervals, missed, now))
    transaction.set_root(
        overdue_at=moved_to if still else None, **clock.moved(before, missed, missed, moved_to, moved_to)
    )
    law = clock.by_law(transaction, intervals, ended_at or now)
    if before.due_at == missed:
        transaction.set_root(due_at=moved_to)
    elif ended_at is None and not before.paused:  # the due time was moved since, by what followed the missed one
        transaction.set_root(due_at=max(before.due_at, law.due_at))
    index_on_time = _update_index(transaction, ended_at or now)
    if ended_at is not None:
        transaction.set_root(on_time=law.on_time and not still, index_on_time=index_on_time)
    elif not still:
        _withdraw_reminders(transaction)
    if before.state in IN_HAND:
        drafting.follow(transaction, transaction.root.overdue_at)
        clock.schedule_next_check(transaction)
    _announce_withdrawn(transaction, before, missed, moved_to)
    return True


def _update_index(transaction: DossierTransaction, now: datetime) -> bool:
    """Stores the due time by the index; returns whether it is kept."""
    root = transaction.root
    measure = clock.by_index(transaction, dossiers.intervals_of(transaction.connection, root.code), now)
    transaction.set_root(index_due_at=max(measure.due_at, root.index_due_at))
    return measure.on_time


def _withdraw_reminders(transaction: DossierTransaction) -> None:
    """Ends the escalation of a dossier that is not overdue; that of steps that are overdue themselves stays."""
    transaction.set_root(escalation=0, due_soon_at=None)
    for task in tasks.open_of_root(transaction.connection, transaction.root.code):
        if task.escalation and task.overdue_at is None:
            tasks.change(transaction.connection, task.id, escalation=0)


def _announce_withdrawn(transaction: DossierTransaction, before: Dossier, missed: datetime, moved_to: datetime) -> None:
    root, in_hand = transaction.root, before.state in IN_HAND
    steps = [task for task in tasks.of_root(transaction.connection, root.code) if task.kind == STEP]
    if steps:
        _enter(transaction, next((task for task in steps if task.completed_at is None), steps[-1]), missed, moved_to)
    transaction.emit(
        "dossier.overdue_withdrawn",
        was_overdue_at=missed,
        overdue_at=root.overdue_at,
        due_at=root.due_at,
        ended_at=None if in_hand else root.resolved_at or root.stopped_at,
        on_time=None if in_hand else root.on_time,
        index_on_time=None if in_hand else root.index_on_time,
        withdrawn_at=transaction.work.now,
    )
    if in_hand and root.due_at != before.due_at:
        clock.emit_moved(transaction, "result", before.due_at, root.due_at)


def _enter(transaction: DossierTransaction, task: Task, was: datetime, to: datetime) -> None:
    """Enters in the control sheet why lateness is withdrawn; when is the entry's own time."""
    days = [f"{moment.astimezone(VIETNAM):%H:%M %d/%m/%Y}" for moment in (was, to)]
    cause = (
        f"Thời hạn {days[0]} rơi vào ngày nghỉ nên kết thúc vào {days[1]} (khoản 5 Điều 148 Bộ luật Dân sự 2015); "
        f"không tính quá hạn từ {days[0]}"
    )
    control_sheet.append_entry(transaction, task, HandoverKind.RESCHEDULED, "", to, cause)
