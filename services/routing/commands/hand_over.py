"""Hand-overs between agencies: acknowledged, refused with a reason, and sent again (form 06)."""

from __future__ import annotations

from services.routing.commands.errors import NotAllowed
from services.routing.commands.load import find_task, load_task, require_not_refused
from services.routing.domain.handover import HandoverKind
from services.routing.dossier import assignment, control_sheet, jurisdiction, officials, reminders
from services.routing.store import tasks
from services.routing.store.tasks import STEP, Task
from shared.persistence.unit_of_work import UnitOfWork


def accept(work: UnitOfWork, id_: str, by: str) -> Task:
    """The agency acknowledges a hand-over; doing so again changes nothing.

    Raises:
        UnknownTask, NotOpen: as they say.
        NotAllowed: it was refused before, and not sent again.
    """
    transaction, task = load_task(work, id_)
    require_not_refused(task)
    received = control_sheet.record_receipt(transaction, task, by)
    if received:
        tasks.change(work.connection, id_, **received)
        reminders.schedule_next_check(transaction, task.with_(**received))
    return find_task(work.connection, id_)


def refuse(work: UnitOfWork, id_: str, reason: str, by: str) -> Task:
    """The agency refuses a hand-over, or hands the step back; its sender has it until it is sent again.

    Args:
        work: the transaction.
        id_: the step.
        reason: why.
        by: who refuses.

    Raises:
        UnknownTask, NotOpen: as they say.
        NotAllowed: it was refused before, or never came from another agency.
        services.routing.domain.handover.HandoverNotAllowed: without a reason.
    """
    transaction, task = load_task(work, id_)
    require_not_refused(task)
    if task.agency == task.from_agency or task.kind != STEP:
        raise NotAllowed(
            "refusal_of_own_work", "Bước này do chính cơ quan chuyển đến", "The step came from the agency itself"
        )
    control_sheet.append_entry(transaction, task, HandoverKind.REFUSED, by, task.receipt_due_at, reason)
    refused = {"refused_at": work.now, "refusal": reason, "official": None, "next_check_at": None}
    tasks.change(work.connection, id_, **refused)
    transaction.emit("step.returned", task=task.id, step=task.step, agency=task.agency, returned_at=work.now)
    officials.emit_returned(transaction, task)
    return find_task(work.connection, id_)


def resend(work: UnitOfWork, id_: str, note: str, by: str) -> Task:
    """The sender sends a refused step again; its due times restart now.

    Args:
        work: the transaction.
        id_: the step.
        note: what has changed; the receiving agency reads it.
        by: who sends.

    Raises:
        UnknownTask, NotOpen: as they say.
        NotAllowed: it was not refused.
    """
    transaction, task = load_task(work, id_)
    if task.refused_at is None:
        raise NotAllowed("resend_of_accepted", "Bước này không bị từ chối nhận", "Nobody refused this step")
    step = transaction.route.step(task.step)
    task = task.with_(agency=jurisdiction.current_agency(transaction.reference, task.agency, work.now))
    control_sheet.append_entry(transaction, task, HandoverKind.RESENT, by, None, note)
    sent = {
        "agency": task.agency,
        "refused_at": None,
        "refusal": None,
        "accepted_at": None,
        "accepted_by": None,
        "lapsed_at": None,
        "receipt_due_at": control_sheet.receipt_due(transaction, task),
        "due_at": assignment.restarted_due_at(transaction, task, step),
        **reminders.reset_after_new_promise(task),
    }
    tasks.change(work.connection, id_, **sent)
    resent = reminders.schedule_next_check(transaction, task.with_(**sent))
    assignment.emit_assigned(transaction, resent, work.now)
    assignment.notify_agency(transaction, resent, step, note)
    return find_task(work.connection, id_)
