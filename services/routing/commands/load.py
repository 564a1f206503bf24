"""Finds what a command is about, under the lock of the citizen's dossier."""

from __future__ import annotations

from services.routing.commands.errors import NotAllowed, NotInHand, NotOpen, UnknownDossier, UnknownTask
from services.routing.domain.states import DossierState, TaskState
from services.routing.dossier.load import load_dossier
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import tasks
from services.routing.store.tasks import Task
from shared.persistence.unit_of_work import UnitOfWork


def open_task(
    work: UnitOfWork, id_: str, states: frozenset[TaskState] = frozenset({TaskState.OPEN})
) -> tuple[DossierTransaction, Task]:
    """A step in one of some states, with its dossier's way.

    Raises:
        UnknownTask: there is no such step.
        NotOpen: it is in another state.
    """
    found = tasks.find(work.connection, id_)
    transaction = load_dossier(work, found.dossier) if found else None
    if transaction is None:
        raise UnknownTask(id_)
    task = reload(work, id_)  # the dossier's lock may have been waited for
    if task.state not in states:
        raise NotOpen(task)
    return transaction, task


def require_not_refused(task: Task) -> None:
    """Checks that a step lies with the agency that is to do it.

    Raises:
        NotAllowed: the agency refused it, and it was not sent again.
    """
    if task.refused_at is not None:
        raise NotAllowed(
            "step_refused",
            "Bước này đã bị từ chối nhận và chưa được chuyển lại",
            "The step was refused and has not been sent again",
        )


def reload(work: UnitOfWork, id_: str) -> Task:
    """A step as it now is.

    Raises:
        UnknownTask: there is no such step.
    """
    task = tasks.find(work.connection, id_)
    if task is None:
        raise UnknownTask(id_)
    return task


def open_dossier(work: UnitOfWork, code: str, states: frozenset[DossierState]) -> DossierTransaction:
    """The way of a citizen's dossier that is in one of some states.

    Raises:
        UnknownDossier: there is no such dossier; a sub-dossier is none of the citizen's.
        NotInHand: it is in another state.
    """
    transaction = load_dossier(work, code)
    if transaction is None or transaction.dossier.is_sub:
        raise UnknownDossier(code)
    if transaction.root.state not in states:
        raise NotInHand(transaction.root)
    return transaction
