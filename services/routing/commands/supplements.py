"""Asking the citizen for more papers, through the desk and once (NĐ 118/2025, articles 11.2c, 16.3, 19.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.routing.commands.errors import NotAllowed, NotInHand
from services.routing.commands.load import find_task, load_task, require_not_refused
from services.routing.domain import supplement
from services.routing.domain.states import DossierState, TaskState
from services.routing.dossier import assignment, clock, control_sheet, jurisdiction, reminders
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import tasks
from services.routing.store.tasks import STEP, Task
from shared.persistence.unit_of_work import UnitOfWork


def request_supplement(work: UnitOfWork, id_: str, reason: str, papers: Sequence[str], by: str) -> Task:
    """Asks the citizen for more papers; the dossier's clock is paused until they bring them.

    Args:
        work: the transaction.
        id_: the step whose official needs them.
        reason: why, in words for the citizen (form 02).
        papers: which.
        by: who asks.

    Returns:
        The step as it now is.

    Raises:
        UnknownTask, NotOpen: as they say.
        NotInHand: the dossier waits for the citizen already, or has ended.
        NotAllowed: the step was refused, is no step of a route, or nothing is asked for.
        supplement.SupplementNotAllowed: the law does not allow it (any more).
    """
    transaction, task = load_task(work, id_)
    require_not_refused(task)
    _check_content(transaction, task, reason, papers)
    _check_law(transaction, task)
    clock.mark_overdue(transaction, task)
    taken = control_sheet.record_receipt(transaction, task, by)
    transaction.move_task(task, TaskState.AWAITING_SUPPLEMENT, next_check_at=None, **taken)
    desk = jurisdiction.calendar_of(transaction.reference, transaction.root.receiving_agency, work.now)
    closes_at = supplement.closes_at(transaction.regulation, work.now, desk)
    _await_supplement(transaction, closes_at)
    clock.pause_for_supplement(transaction, task.step)
    transaction.emit(
        "supplement.requested",
        task=task.id,
        step=task.step,
        agency=task.agency,
        reason=reason,
        papers=list(papers),
        requested_at=work.now,
        until=closes_at,
    )
    return find_task(work.connection, id_)


def resume_after_supplement(transaction: DossierTransaction) -> None:
    """The papers have come: the step that asked for them is open again, and the law's time limit restarts.

    Args:
        transaction: of the citizen's dossier, which waits for them.
    """
    transaction.move_root(DossierState.ACTIVE, supplement_until=None)
    for task in tasks.open_of_root(transaction.connection, transaction.root.code):
        if task.state == TaskState.AWAITING_SUPPLEMENT:
            _reopen(transaction, task)
    clock.resume_after_supplement(transaction)


def _reopen(transaction: DossierTransaction, task: Task) -> None:
    part = transaction.for_code(task.dossier)
    step = part.route.step(task.step)
    restarted = {
        "agency": jurisdiction.current_agency(part.reference, task.agency, part.work.now),
        "due_at": assignment.restarted_due_at(part, task, step),
    }
    reopened = part.move_task(task, TaskState.OPEN, **restarted, **reminders.reset_after_new_promise(task))
    reminders.schedule_next_check(part, reopened)
    assignment.notify_agency(part, reopened, step, "Hồ sơ đã được bổ sung")


def _await_supplement(transaction: DossierTransaction, closes_at: datetime | None) -> None:
    transaction.move_root(
        DossierState.SUPPLEMENT, supplements=transaction.root.supplements + 1, supplement_until=closes_at
    )


def _check_content(transaction: DossierTransaction, task: Task, reason: str, papers: Sequence[str]) -> None:
    if transaction.root.state != DossierState.ACTIVE:
        raise NotInHand(transaction.root)
    if task.kind != STEP:
        raise NotAllowed(
            "supplement_of_correction", "Đính chính không cần bổ sung hồ sơ", "A correction needs no supplement"
        )
    if not reason.strip() or not papers or not all(paper.strip() for paper in papers):
        raise NotAllowed(
            "supplement_without_content",
            "Phải nêu lý do và giấy tờ cần bổ sung",
            "A request names its reason and the papers",
            missing="papers" if reason.strip() else "reason",
        )


def _check_law(transaction: DossierTransaction, task: Task) -> None:
    own = [
        other for other in tasks.of_root(transaction.connection, transaction.root.code) if other.agency == task.agency
    ]
    calendar = jurisdiction.calendar_of(transaction.reference, task.agency, transaction.work.now)
    request = supplement.Request(
        requests_before=transaction.root.supplements,
        received_at=min(other.accepted_at or other.assigned_at for other in own),
        requested_at=transaction.work.now,
        desk=transaction.root.receiving_agency,
        via=transaction.root.receiving_agency,  # the request reaches the citizen through intake and in no other way
    )
    supplement.check_request(transaction.regulation, request, calendar)
