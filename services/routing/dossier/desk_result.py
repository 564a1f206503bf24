"""A dossier whose result the desk handed over while the citizen waited (NĐ 118/2025, article 17.4): its steps are done, and logged."""

from __future__ import annotations

from services.routing.domain import process
from services.routing.dossier import completion
from services.routing.dossier.effects import carry_out
from services.routing.dossier.transaction import DossierTransaction, open_among
from services.routing.store import tasks
from shared.catalogue.route_analysis import outcome_at_desk
from shared.messaging.errors import Permanent


def finish_at_desk(transaction: DossierTransaction) -> None:
    """Completes every step of a dossier with its first outcome, as of the transaction's moment; the last resolves the dossier.

    Args:
        transaction: of the citizen's dossier, whose first step is open.

    Raises:
        Permanent: the route leaves the desk or waits for something, so that intake could not finish it.
    """
    if outcome_at_desk(transaction.route) is None:
        raise Permanent(f"dossier {transaction.root.code} cannot have been finished at the desk by its route")
    transaction.handed_over = True
    for _ in transaction.route.steps:
        steps = tasks.of_dossier(transaction.connection, transaction.dossier.code)
        open_steps = open_among(steps)
        if not open_steps:
            return
        task = open_steps[0]
        outcome = next(iter(transaction.route.step(task.step).outcomes))
        facts = transaction.facts_of(steps)
        effects = process.leave(transaction.route, [one.step for one in open_steps], task.step, outcome, facts)
        carry_out(transaction, effects, task, by=transaction.root.receiving_agency)
        completion.notify_agency_cancelled(transaction, task, "finished_at_desk")
