"""Finds the step or dossier that a command is about; what a command changes is locked with the citizen's dossier."""

from __future__ import annotations

from sqlalchemy import Connection

from services.routing.commands.errors import NotAllowed, NotInHand, NotOpen, UnknownDossier, UnknownTask
from services.routing.domain.states import DossierState, TaskState
from services.routing.dossier import days_off
from services.routing.dossier.load import load_dossier
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import dossiers, tasks
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import Task
from shared.persistence.unit_of_work import UnitOfWork


def find_task(connection: Connection, id_: str) -> Task:
    """A step as it now is.

    Raises:
        UnknownTask: there is no such step.
    """
    task = tasks.find(connection, id_)
    if task is None:
        raise UnknownTask(id_)
    return task


def find_dossier(connection: Connection, code: str) -> Dossier:
    """A citizen's dossier as it now is.

    Raises:
        UnknownDossier: there is no such dossier, or it is a sub-dossier.
    """
    found = dossiers.find(connection, code)
    if found is None or found.is_sub:
        raise UnknownDossier(code)
    return found


def load_task(
    work: UnitOfWork, id_: str, states: frozenset[TaskState] = frozenset({TaskState.OPEN})
) -> tuple[DossierTransaction, Task]:
    """Locks the dossier of a step that is in one of some states; the step's deadlines follow the calendar.

    Raises:
        UnknownTask: there is no such step.
        NotOpen: it is in another state.
    """
    code = tasks.dossier_of(work.connection, id_)
    transaction = load_dossier(work, code) if code else None
    if transaction is None:
        raise UnknownTask(id_)
    task = find_task(work.connection, id_)  # only now: this transaction may have waited for the lock
    if task.state not in states:
        raise NotOpen(task)
    return transaction, days_off.follow_step(transaction, task)


def load_citizens_dossier(work: UnitOfWork, code: str, states: frozenset[DossierState]) -> DossierTransaction:
    """Locks a citizen's dossier that is in one of some states.

    Raises:
        UnknownDossier: there is no such dossier, or it is a sub-dossier.
        NotInHand: it is in another state.
    """
    transaction = load_dossier(work, code)
    if transaction is None or transaction.dossier.is_sub:
        raise UnknownDossier(code)
    if transaction.root.state not in states:
        raise NotInHand(transaction.root)
    return transaction


def require_not_refused(task: Task) -> None:
    """Checks that a step's agency has not refused the hand-over.

    Raises:
        NotAllowed: it has, and the step was not sent again.
    """
    if task.refused_at is not None:
        raise NotAllowed(
            "step_refused",
            "Bước này đã bị từ chối nhận và chưa được chuyển lại",
            "The step was refused and has not been sent again",
        )
