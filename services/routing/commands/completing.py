"""A step is done, and the dossier goes on its way."""

from __future__ import annotations

from services.routing.commands.errors import StillPosted
from services.routing.commands.opening import again, check_in_hands, open_task
from services.routing.domain import process
from services.routing.journey import correcting
from services.routing.store.tasks import CORRECTION, Task
from shared.store import UnitOfWork

DONE = "completed"
"""The outcome that every ordinary step has, and the only one of a correction."""


def complete_task(work: UnitOfWork, id_: str, outcome: str, note: str, amount: int | None, by: str) -> Task:
    """Completes a step, and sends the dossier on its way.

    Args:
        work: the transaction.
        id_: the step.
        outcome: one of the step's outcomes; a correction has only ``completed``.
        note: a remark for the file and for whoever comes next; may be empty.
        amount: VND to be paid by the citizen, with the outcome that creates the step's obligation.
        by: who completes it, as his token names him.

    Returns:
        The step as it now is.

    Raises:
        UnknownTask: there is no such step.
        NotOpen: it was completed before, waits, or was cancelled.
        NotAllowed: its agency refused it, and it was not sent again.
        StillPosted: the posting is not over.
        UnknownOutcome, process.AmountMissing, process.AmountNotAllowed: the outcome or the amount does not fit the step.
        services.routing.journey.places.Unroutable: no agency can be found for the next step.
        shared.bus.errors.NotYet: the next step is done by a sub-dossier of a procedure that is not published yet.
    """
    journey, task = open_task(work, id_)
    if task.kind == CORRECTION:
        correcting.finish(journey, task, outcome, note, amount, by)
        return again(work, id_)
    check_in_hands(task)
    if task.wait_until is not None and work.now < task.wait_until:
        raise StillPosted(task.wait_until)
    effects = process.complete(journey.route, journey.standing(), task.step, outcome, amount, journey.facts())
    journey.carry_out(effects, task, by, note)
    return again(work, id_)
