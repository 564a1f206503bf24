"""An official or an agency's software completes a step."""

from __future__ import annotations

from services.routing.commands.errors import StillPosted
from services.routing.commands.load import load_task, require_not_refused
from services.routing.domain import process
from services.routing.dossier import correction
from services.routing.dossier.effects import carry_out
from services.routing.store.tasks import CORRECTION
from shared.persistence.unit_of_work import UnitOfWork

DONE = "completed"
"""The outcome that every ordinary step has, and the only one of a correction."""


def complete_task(work: UnitOfWork, id_: str, outcome: str, note: str, amount: int | None, by: str) -> None:
    """Completes a step, and carries out what follows.

    Args:
        work: the transaction.
        id_: the step.
        outcome: one of the step's outcomes; a correction has only ``completed``.
        note: a remark for the file and for the next agency; may be empty.
        amount: VND to be paid by the citizen, with the outcome that creates the step's obligation.
        by: the identifier of who completes it.

    Raises:
        UnknownTask: there is no such step.
        NotOpen: it was completed before, waits, or was cancelled.
        NotAllowed: its agency refused it, and it was not sent again.
        StillPosted: the posting is not over.
        UnknownOutcome, process.AmountMissing, process.AmountNotAllowed: the outcome or the amount does not fit the step.
        services.routing.dossier.jurisdiction.Unroutable: no agency can be found for the next step.
        shared.messaging.errors.NotYet: the next step is done by a sub-dossier of a procedure that is not published yet.
    """
    transaction, task = load_task(work, id_)
    if task.kind == CORRECTION:
        correction.finish(transaction, task, outcome, note, amount, by)
        return
    require_not_refused(task)
    if task.wait_until is not None and work.now < task.wait_until:
        raise StillPosted(task.wait_until)
    open_steps, facts = transaction.open_steps_and_facts()
    effects = process.complete(transaction.route, open_steps, task.step, outcome, amount, facts)
    carry_out(transaction, effects, task, by, note)
