"""The agency corrects its own error in a result (NĐ 118/2025, article 23.1); the route and the dossier's state do not change."""

from __future__ import annotations

from services.routing.domain import correction, process
from services.routing.domain.states import TaskState
from services.routing.dossier import assignment, control_sheet, jurisdiction
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store.tasks import CORRECTION, Task
from shared.catalogue.route import UnknownOutcome
from shared.messaging.event import new_id

NAME = "Đính chính sai sót trong kết quả"
DONE = "completed"


def begin(transaction: DossierTransaction, reason: str, by: str) -> Task:
    """Assigns the correction of a result to the handling agency.

    Args:
        transaction: of a citizen's dossier that has its result.
        reason: what is wrong.
        by: who found it.

    Raises:
        correction.CorrectionNotAllowed: there is no result.
    """
    root, now = transaction.root, transaction.work.now
    agency = jurisdiction.current_agency(transaction.reference, root.handling_agency, now)
    calendar = jurisdiction.calendar_of(transaction.reference, agency, now)
    transaction.sender, transaction.sender_official = root.receiving_agency, by
    return assignment.add_task(
        transaction,
        Task(
            id=new_id(),
            dossier=root.code,
            root=root.code,
            kind=CORRECTION,
            step=CORRECTION,
            name=f"{NAME}: {reason}",
            agency=agency,
            official_role="officer",
            state=TaskState.OPEN,
            counted=True,
            from_agency=transaction.sender,
            desk=transaction.root.receiving_agency,
            assigned_at=now,
            due_at=correction.correct_by(transaction.regulation, now, calendar),
        ),
        None,
    )


def finish(transaction: DossierTransaction, task: Task, outcome: str, note: str, amount: int | None, by: str) -> None:
    """Completes a correction and announces it.

    Raises:
        UnknownOutcome: a correction ends only with ``completed``.
        process.AmountNotAllowed: it costs the citizen nothing.
    """
    if outcome != DONE:
        raise UnknownOutcome(task.step, outcome, (DONE,))
    if amount is not None:
        raise process.AmountNotAllowed("a correction takes no amount")
    now = transaction.work.now
    on_time = correction.corrected_on_time(task.due_at, now)
    transaction.move_task(
        task,
        TaskState.DONE,
        completed_at=now,
        completed_by=by,
        outcome=DONE,
        note=note or None,
        on_time=on_time,
        next_check_at=None,
        **control_sheet.record_receipt(transaction, task, by),
    )
    transaction.emit(
        "dossier.corrected",
        correction=task.id,
        agency=task.agency,
        found_at=task.assigned_at,
        due_at=task.due_at or now,
        corrected_at=now,
        on_time=on_time,
    )
