"""A dossier ends without its result: stopped by a leader, closed because nothing came, withdrawn by the citizen; or it is refused."""

from __future__ import annotations

from datetime import datetime

from services.routing.commands.errors import NotInHand
from services.routing.commands.opening import again, check_in_hands, open_dossier, open_task
from services.routing.domain import process, refusal, withdrawal
from services.routing.domain.states import IN_HAND, DossierState
from services.routing.journey import finishing, resolving, timing
from services.routing.journey.core import Journey
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import Task
from shared.store import UnitOfWork

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
    journey = open_dossier(work, code, frozenset(DossierState))
    withdrawal.check_stop(DossierState(journey.root.state), reason)
    resolving.end_without_result(journey, "stopped", reason, by)
    return journey.root


def withdraw(journey: Journey) -> None:
    """The citizen takes the dossier back (article 21).

    Args:
        journey: of the citizen's dossier; one that has its result is left as it is, since the result came first.
    """
    if journey.root.state in IN_HAND:
        resolving.end_without_result(journey, "withdrawn")


def close_unsupplemented(journey: Journey, at: datetime) -> bool:
    """The desk closes a dossier whose supplement did not come in time (article 19.5).

    Args:
        journey: of the citizen's dossier.
        at: when the supplement came, or now if it has not.

    Returns:
        Whether it was closed.
    """
    until = journey.root.supplement_until
    if journey.root.state != DossierState.SUPPLEMENT or until is None or at <= until:
        return False
    resolving.end_without_result(journey, "no_supplement")
    return True


def refuse_dossier(work: UnitOfWork, id_: str, reason: str, document: str, by: str) -> Task:
    """Refuses to resolve a dossier, in writing (article 19.3); the refusal is the result that the citizen fetches.

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
    journey, task = open_task(work, id_)
    if journey.root.state != DossierState.ACTIVE:
        raise NotInHand(journey.root)
    check_in_hands(task)
    refusal.check_refusal(journey.regulation, reason, document)
    note = f"{document}: {reason}"
    journey.giver = task.agency
    timing.find_late(journey, task)
    finishing.finish(journey, task, REFUSED, by, note)
    finishing.cancel_all(journey, REFUSED)
    root_way = journey.way_of(journey.root)
    resolving.end_subs(root_way)
    root_way.carry_out([process.Resolve(REFUSED)])
    return again(work, id_)
