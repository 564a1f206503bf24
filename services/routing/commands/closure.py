"""Ends of a dossier other than its route's: stopped by a leader, closed for want of a supplement, withdrawn by the citizen, or refused."""

from __future__ import annotations

from datetime import datetime

from services.routing.commands.errors import NotInHand
from services.routing.commands.load import find_task, load_citizens_dossier, load_task, require_not_refused
from services.routing.domain import process, refusal, withdrawal
from services.routing.domain.states import IN_HAND, DossierState
from services.routing.dossier import clock, completion, conclusion
from services.routing.dossier.effects import carry_out
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import Task
from shared.calendar.deadlines import is_past
from shared.persistence.unit_of_work import UnitOfWork

REFUSED = "refused"


def stop_dossier(work: UnitOfWork, code: str, reason: str, by: str) -> Dossier:
    """A leader stops a dossier (form 05).

    Args:
        work: the transaction.
        code: the citizen's dossier.
        reason: for the notice.
        by: who stops it.

    Raises:
        UnknownDossier: there is none.
        withdrawal.EndNotAllowed: it has ended, has its result, or no reason is given.
    """
    transaction = load_citizens_dossier(work, code, frozenset(DossierState))
    withdrawal.check_stop(DossierState(transaction.root.state), reason)
    conclusion.end_without_result(transaction, "stopped", reason, by)
    return transaction.root


def withdraw(transaction: DossierTransaction) -> None:
    """The citizen withdraws the dossier (article 21).

    Args:
        transaction: of the citizen's dossier; it is left unchanged if it has its result, which came first.
    """
    if transaction.root.state in IN_HAND:
        conclusion.end_without_result(transaction, "withdrawn")


def close_unsupplemented(transaction: DossierTransaction, at: datetime) -> bool:
    """Closes a dossier whose supplement did not come in time (article 19.5).

    Args:
        transaction: of the citizen's dossier.
        at: when the supplement came, or now if it has not.

    Returns:
        Whether it was closed.
    """
    until = transaction.root.supplement_until
    if transaction.root.state != DossierState.SUPPLEMENT or until is None or not is_past(until, at):
        return False
    transaction.at = until  # when the time ran out, however late this is noticed
    conclusion.end_without_result(transaction, "no_supplement")
    return True


def refuse_dossier(work: UnitOfWork, id_: str, reason: str, document: str, by: str) -> Task:
    """Refuses to resolve a dossier, in writing (article 19.3); the citizen fetches the refusal as the result.

    Args:
        work: the transaction.
        id_: the step at which it is refused.
        reason: why.
        document: number of the written refusal.
        by: who refuses.

    Returns:
        The step as it now is.

    Raises:
        UnknownTask, NotOpen: as they say.
        NotInHand: the dossier waits for the citizen, or has its result.
        NotAllowed: the step was refused, and not sent again.
        refusal.RefusalNotAllowed: not in writing, or without a reason.
    """
    transaction, task = load_task(work, id_)
    if transaction.root.state != DossierState.ACTIVE:
        raise NotInHand(transaction.root)
    require_not_refused(task)
    refusal.check_refusal(transaction.regulation, reason, document)
    note = f"{document}: {reason}"
    transaction.sender = task.agency
    explained = {"agency": task.agency, "document": document, "reason": reason}
    transaction.emit("refusal.explained", **explained, refused_at=transaction.at)
    clock.mark_overdue(transaction, task)
    completion.finish(transaction, task, REFUSED, by, note)
    completion.cancel_all(transaction, REFUSED)
    citizens = transaction.for_dossier(transaction.root)
    conclusion.end_subs(citizens)
    carry_out(citizens, [process.Resolve(REFUSED)])
    return find_task(work.connection, id_)
