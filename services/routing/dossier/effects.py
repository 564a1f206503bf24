"""Carries out the effects that the domain decided: the one place that dispatches them to the modules below."""

from __future__ import annotations

from collections.abc import Iterable

from services.routing.domain import process
from services.routing.domain.process import Effect
from services.routing.dossier import assignment, clock, completion, conclusion
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store.tasks import Task
from shared.catalogue.route import Step


def carry_out(
    transaction: DossierTransaction, effects: Iterable[Effect], task: Task | None = None, by: str = "", note: str = ""
) -> None:
    """Carries out effects in their order.

    A sub-dossier that opens or ends carries out effects of its own: the first ones of its route, or those of the step that it did.

    Args:
        transaction: of the dossier.
        effects: as :mod:`services.routing.domain.process` returned them.
        task: the step that is completed or paid; None at the beginning of the route.
        by: who completed it, for a step that was open.
        note: their remark; the next agency reads it.
    """
    if task is not None:
        transaction.sender, transaction.sender_official, transaction.sender_due_at = task.agency, by, task.due_at
        clock.mark_overdue(transaction, task)
    for effect in effects:
        match effect:
            case process.Assign(step):
                assignment.assign(transaction, step, note)
            case process.OpenSub(step):
                _open_sub(transaction, step)
            case process.PassOver(step):
                assignment.pass_over(transaction, step)
            case process.Pause(reason):
                clock.pause(transaction, reason)
            case process.Resume():
                clock.resume(transaction)
            case process.Finish(_, outcome) if task is not None:
                completion.finish(transaction, task, outcome, by, note)
            case process.RequestPayment() if task is not None:
                completion.request_payment(transaction, task, effect, by, note)
            case process.Resolve(outcome):
                _resolve(transaction, outcome)
            case _:
                raise ValueError(f"{effect} of {transaction.dossier.code} needs the step that is completed")
    clock.reconcile(transaction)


def _open_sub(transaction: DossierTransaction, step: Step) -> None:
    sub = assignment.open_sub(transaction, step)
    carry_out(sub, process.begin(sub.route, sub.facts_of([])))
    transaction.replace_root(sub.root)


def _resolve(transaction: DossierTransaction, outcome: str) -> None:
    if not transaction.dossier.is_sub:
        conclusion.resolve(transaction, outcome)
        return
    parent, task = conclusion.resolve_sub(transaction, outcome)
    open_steps, facts = parent.open_steps_and_facts()
    carry_out(parent, process.leave(parent.route, open_steps, task.step, outcome, facts), task)
    transaction.replace_root(parent.root)
