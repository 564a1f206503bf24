"""The end of a public posting follows the calendar like every other last day."""

from __future__ import annotations

from services.routing.domain.states import DossierState
from services.routing.dossier import assignment, clock, jurisdiction, reminders
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import tasks
from services.routing.store.tasks import Task
from shared.agencies import UnknownAgency


def follow_calendar(transaction: DossierTransaction) -> bool:
    """Lets a posting last until the end of the next working day if its last day was declared off since it began; returns whether any does.

    A posting that is over, so that time counts again, stays over. Source: Civil Code 2015, article 148.5.
    """
    if transaction.root.state != DossierState.ACTIVE or not any(step.wait_days for step in transaction.route.steps):
        return False
    open_tasks = tasks.open_of_dossier(transaction.connection, transaction.dossier.code)
    moved = [_follow(transaction, task) for task in open_tasks]  # a list: each is moved
    if not any(moved):
        return False
    clock.schedule_next_check(transaction)
    return True


def _follow(transaction: DossierTransaction, task: Task) -> bool:
    ends_at = task.wait_until
    if ends_at is None or (ends_at <= transaction.work.now and not transaction.root.paused):
        return False
    try:
        until = jurisdiction.calendar_of(transaction.reference, task.agency, ends_at).rolled(ends_at)
    except UnknownAgency:
        return False  # a desk that the data has lost: who needs it says so, everything else goes on
    if until == ends_at:
        return False
    posted = task.with_(wait_until=until)
    due_at = assignment.restarted_due_at(transaction, posted, transaction.route.step(task.step))
    tasks.change(transaction.connection, task.id, wait_until=until, due_at=due_at)
    reminders.schedule_next_check(transaction, posted.with_(due_at=due_at))
    return True
