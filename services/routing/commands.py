"""What people and agencies' systems ask of routing, apart from HTTP."""

from __future__ import annotations

from services.routing import definitions, store
from services.routing.domain import process
from services.routing.domain.states import TaskState
from services.routing.execution import Journey
from services.routing.store import Dossier, Task
from shared.catalogue.route import Route
from shared.store import UnitOfWork


class NotOpen(Exception):
    """The step was completed before; `task` says by whom and when."""

    def __init__(self, task: Task) -> None:
        super().__init__(f"step {task.id} is {task.state}")
        self.task = task


class UnknownTask(LookupError):
    """No step has this id."""


def complete_task(work: UnitOfWork, id_: str, outcome: str, note: str, amount: int | None, by: str) -> Task:
    """Completes a step, and sends the dossier on its way.

    Args:
        work: the transaction.
        id_: the step.
        outcome: one of the step's outcomes.
        note: a remark for the file; may be empty.
        amount: VND to be paid by the citizen, with the outcome that creates the step's obligation.
        by: who completes it, as his token names him.

    Returns:
        The step as it now is.

    Raises:
        UnknownTask: there is no such step.
        NotOpen: it was completed before.
        UnknownOutcome, process.AmountMissing, process.AmountNotAllowed: the outcome or the amount does not fit the step.
        execution.Unroutable: no agency can be found for the next step.
    """
    found = _task(work, id_)
    dossier = store.find_dossier(work.connection, found.dossier, lock=True)
    task = _task(work, id_)  # again: the dossier's lock may have been waited for
    if dossier is None:
        raise UnknownTask(id_)
    if task.state != TaskState.OPEN:
        raise NotOpen(task)
    route = _route_of(work, dossier)
    standing = [other.step for other in store.open_tasks_of(work.connection, dossier.code)]
    effects = process.complete(route, standing, task.step, outcome, amount)
    Journey(work, dossier, route, work.now).carry_out(effects, task, by, note)
    return _task(work, id_)


def _route_of(work: UnitOfWork, dossier: Dossier) -> Route:
    route = definitions.find_route(work.connection, dossier.procedure, dossier.version, dossier.case)
    if route is None:
        raise LookupError(f"procedure {dossier.procedure} version {dossier.version} is not in the store")
    return route


def _task(work: UnitOfWork, id_: str) -> Task:
    task = store.find_task(work.connection, id_)
    if task is None:
        raise UnknownTask(id_)
    return task
