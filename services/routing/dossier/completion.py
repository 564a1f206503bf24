"""A step ends: it is completed, awaits the citizen's payment, or is cancelled."""

from __future__ import annotations

from datetime import datetime

from services.routing.domain import clock, process
from services.routing.domain.states import TaskState
from services.routing.dossier import control_sheet, jurisdiction, officials
from services.routing.dossier.transaction import DossierTransaction
from services.routing.plugins import store as plugins
from services.routing.plugins.sending import send_to_agency
from services.routing.store import tasks
from services.routing.store.tasks import STEP, Task
from shared.messaging.event import new_id


def finish(transaction: DossierTransaction, task: Task, outcome: str, by: str, note: str) -> Task:
    """Completes a step."""
    completed_at = max(transaction.at, task.assigned_at)
    due_at = _due_at(transaction, task, completed_at)
    on_time = clock.step_on_time(task.counted, due_at, completed_at)
    values: dict[str, object] = {
        "completed_at": completed_at,
        "outcome": outcome,
        "on_time": on_time,
        "next_check_at": None,
    }
    if task.state == TaskState.OPEN:
        values |= {"completed_by": by, "note": note or None} | control_sheet.record_receipt(transaction, task, by)
    done = transaction.move_task(task, TaskState.DONE, **values)
    transaction.emit(
        "step.completed",
        task=task.id,
        step=task.step,
        agency=task.agency,
        outcome=outcome,
        counted=task.counted,
        assigned_at=task.assigned_at,
        completed_at=completed_at,
        on_time=on_time,
    )
    if task.state == TaskState.OPEN:
        officials.emit_completed(transaction, done.with_(due_at=due_at))
    return done


def request_payment(
    transaction: DossierTransaction, task: Task, effect: process.RequestPayment, by: str, note: str
) -> Task:
    """The work of a step is done, and the citizen must pay before the dossier goes on."""
    obligation = new_id()
    waiting = transaction.move_task(
        task,
        TaskState.AWAITING_PAYMENT,
        outcome=effect.outcome,
        obligation=obligation,
        amount=effect.amount,
        completed_by=by,
        note=note or None,
        next_check_at=None,
        **control_sheet.record_receipt(transaction, task, by),
    )
    transaction.emit(
        "obligation.requested",
        obligation=obligation,
        kind=effect.obligation.kind,
        name=effect.obligation.name,
        amount=effect.amount,
        agency=task.agency,
        requested_at=transaction.work.now,
    )
    # what the official had to do is done, whenever the citizen pays
    due_at = _due_at(transaction, task, transaction.work.now)
    on_time = clock.step_on_time(task.counted, due_at, transaction.work.now)
    done = waiting.with_(due_at=due_at, on_time=on_time, completed_at=transaction.work.now)
    officials.emit_completed(transaction, done)
    return waiting


def _due_at(transaction: DossierTransaction, task: Task, at: datetime) -> datetime | None:
    """When a step is due by the calendar in force: its last day may have been declared off."""
    calendar = jurisdiction.calendar_of(transaction.reference, task.agency, at)
    return None if task.due_at is None else calendar.rolled(task.due_at)


def cancel_all(transaction: DossierTransaction, reason: str) -> None:
    """Cancels every open step of the citizen's dossier, those of sub-dossiers included, and notifies the agencies' own software."""
    for task in tasks.open_of_root(transaction.connection, transaction.root.code):
        if task.kind != STEP:
            continue
        transaction.move_task(
            task, TaskState.CANCELLED, completed_at=max(transaction.at, task.assigned_at), next_check_at=None
        )
        notify_agency_cancelled(transaction, task, reason)


def notify_agency_cancelled(transaction: DossierTransaction, task: Task, reason: str) -> None:
    """Tells the agency's own software, if it takes part, that a step is cancelled."""
    if task.state == TaskState.AWAITING_SUB or task.agency not in transaction.work.attached(plugins.plugged_in):
        return
    data = {
        "dossier": transaction.root.code,
        "task": task.id,
        "agency": task.agency,
        "reason": reason,
        "cancelled_at": max(transaction.at, task.assigned_at),
    }
    send_to_agency(transaction.work, task.agency, "agency.step.cancelled", data)
