"""Due-soon, overdue and escalation reminders for steps and dossiers, and when to check each next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.routing.domain import clock
from services.routing.domain.clock import Interval, Kind
from services.routing.domain.handover import HandoverKind
from services.routing.domain.states import DossierState, TaskState
from services.routing.dossier import control_sheet, jurisdiction
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import dossiers, tasks
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import STEP, Task
from shared.agencies.escalation import CENTRE, UNIT
from shared.calendar import WorkingCalendar, reminders
from shared.calendar.deadlines import is_past, past_from
from shared.calendar.reminders import DeadlineProgress, Reminder

MINUTES_PER_HOUR = 60
ESCALATION = {Reminder.UNIT_LEADER: UNIT, Reminder.CENTRE_LEADER: CENTRE}


def schedule_next_check(transaction: DossierTransaction, task: Task) -> Task:
    """Stores when the sweep must check a step next."""
    next_check_at = compute_next_check(transaction, task)
    if next_check_at != task.next_check_at:
        tasks.change(transaction.connection, task.id, next_check_at=next_check_at)
    return task.with_(next_check_at=next_check_at)


def compute_next_check(transaction: DossierTransaction, task: Task) -> datetime | None:
    """When a reminder of a step is due or its hand-over lapses; None when nothing is pending."""
    if not _is_active(task):
        return None
    moments = []
    if task.accepted_at is None and task.lapsed_at is None and task.receipt_due_at is not None:
        moments.append(past_from(task.receipt_due_at))
    progress = _deadline_progress(transaction, task)
    if progress is not None:
        following = reminders.next_reminder_at(
            progress, already_sent(task), control_sheet.operational_settings().step, _calendar(transaction, task)
        )
        moments += [following] if following else []
    return min(moments, default=None)


def send_due_reminders(transaction: DossierTransaction, task: Task) -> int:
    """Sends the reminders of a step that are due, and enters a hand-over that has lapsed, each once; returns how many."""
    due = _due_reminders(transaction, task)
    changed = _send_reminders(transaction, task, due)
    if _lapses(transaction, task):
        control_sheet.append_entry(
            transaction, task, HandoverKind.LAPSED, "", task.receipt_due_at, at=task.receipt_due_at
        )
        changed["lapsed_at"] = task.receipt_due_at
    if changed:
        tasks.change(transaction.connection, task.id, **changed)
    schedule_next_check(transaction, task.with_(**changed))
    return len(due) + ("lapsed_at" in changed)


def _due_reminders(transaction: DossierTransaction, task: Task) -> tuple[Reminder, ...]:
    progress = _deadline_progress(transaction, task)
    if progress is None or not _is_active(task):
        return ()
    return reminders.due_reminders(
        progress,
        already_sent(task),
        control_sheet.operational_settings().step,
        _calendar(transaction, task),
        transaction.work.now,
    )


def _send_reminders(transaction: DossierTransaction, task: Task, due: Iterable[Reminder]) -> dict[str, Any]:
    """Emits the events of some reminders; returns the columns of the step's row to change."""
    changed: dict[str, Any] = {}
    for reminder in due:
        if reminder in ESCALATION:
            changed["escalation"] = max(ESCALATION[reminder], task.escalation)
            continue
        if reminder == Reminder.OVERDUE:
            changed["overdue_at"] = task.due_at  # when the time ran out, however late this is noticed
        else:
            changed["due_soon_at"] = transaction.work.now
        transaction.emit(
            f"step.{reminder}",
            task=task.id,
            step=task.step,
            agency=task.agency,
            due_at=task.due_at,
            warned_at=transaction.work.now,
        )
    return changed


def _lapses(transaction: DossierTransaction, task: Task) -> bool:
    """Whether the time to acknowledge the hand-over of a step is over and its lapse is not entered yet."""
    due_at = task.receipt_due_at
    awaited = task.accepted_at is None and task.lapsed_at is None and _is_active(task)
    return awaited and due_at is not None and is_past(due_at, transaction.work.now)


def _is_active(task: Task) -> bool:
    """Whether a step is open and its agency has not refused it, so that its time runs."""
    return task.state == TaskState.OPEN and task.refused_at is None


def already_sent(record: Task | Dossier) -> frozenset[Reminder]:
    """The reminders that were sent about a step or a dossier."""
    return frozenset(
        reminder
        for reminder, sent in (
            (Reminder.DUE_SOON, record.due_soon_at is not None),
            (Reminder.OVERDUE, record.overdue_at is not None),
            (Reminder.UNIT_LEADER, record.escalation >= ESCALATION[Reminder.UNIT_LEADER]),
            (Reminder.CENTRE_LEADER, record.escalation >= ESCALATION[Reminder.CENTRE_LEADER]),
        )
        if sent
    )


def reset_after_new_promise(record: Task | Dossier) -> dict[str, Any]:
    """The columns of a row to change once a new time is promised: "due soon" may be sent again, later reminders may not."""
    kept = reminders.remaining_after_new_promise(already_sent(record))
    return {} if Reminder.DUE_SOON in kept else {"due_soon_at": None}


def due_dossier_reminders(transaction: DossierTransaction) -> tuple[Reminder, ...]:
    """The reminders about the citizen's dossier that are due now."""
    root = transaction.root
    if root.state != DossierState.ACTIVE or root.paused:
        return ()
    intervals = dossiers.intervals_of(transaction.connection, root.code)
    progress = _dossier_deadline_progress(transaction, intervals)
    return reminders.due_reminders(
        progress,
        already_sent(root),
        control_sheet.operational_settings().dossier,
        transaction.calendar,
        transaction.work.now,
    )


def next_dossier_check_at(transaction: DossierTransaction, intervals: list[Interval]) -> datetime | None:
    """When the next reminder about the citizen's dossier is due, by the intervals of its clock."""
    progress = _dossier_deadline_progress(transaction, intervals)
    return reminders.next_reminder_at(
        progress, already_sent(transaction.root), control_sheet.operational_settings().dossier, transaction.calendar
    )


def escalate_dossier(transaction: DossierTransaction, level: int) -> None:
    """Records how far the citizen's dossier is escalated, and its open steps with it: leaders look for it among the steps."""
    transaction.set_root(escalation=level)
    for task in tasks.open_of_root(transaction.connection, transaction.root.code):
        if task.kind == STEP and task.escalation < level:
            tasks.change(transaction.connection, task.id, escalation=level)


def _deadline_progress(transaction: DossierTransaction, task: Task) -> DeadlineProgress | None:
    """A step's time; working time between its assignment and its due time beyond its planned hours was spent waiting."""
    if task.due_at is None:
        return None
    if task.kind != STEP or not task.counted:
        return DeadlineProgress(task.wait_until or task.assigned_at, task.due_at)
    allowed = round(transaction.route.step(task.step).working_hours * MINUTES_PER_HOUR)
    span = _calendar(transaction, task).working_minutes_between(task.assigned_at, task.due_at)
    return DeadlineProgress(task.assigned_at, task.due_at, max(0, span - allowed))


def _dossier_deadline_progress(transaction: DossierTransaction, intervals: list[Interval]) -> DeadlineProgress:
    root = transaction.root
    waited = sum(
        clock.minutes(intervals, kind, transaction.calendar, transaction.work.now)
        for kind in (Kind.UNCOUNTED, Kind.SUPPLEMENT)
    )
    return DeadlineProgress(root.received_at, root.due_at, waited, waiting=root.paused)


def _calendar(transaction: DossierTransaction, task: Task) -> WorkingCalendar:
    return jurisdiction.calendar_of(transaction.reference, task.agency, transaction.work.now)
