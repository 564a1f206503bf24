"""Sends steps to agencies' own software again: those that are not answered, by a sweep, and what an operator wants, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from services.routing.agency_http.store import is_waiting
from services.routing.domain.agency_sending import SentStep, sending_rules
from services.routing.domain.states import TaskState
from services.routing.dossier import assignment
from services.routing.dossier.load import load_dossier
from services.routing.plugins import sent_steps
from services.routing.plugins import store as plugins
from services.routing.plugins.metrics import count_sent_again
from services.routing.store import tasks
from services.routing.store.tables import OPEN_TASKS
from services.routing.store.tables import tasks as table
from services.routing.store.tasks import STEP, Task
from shared.messaging.event import event_type
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork

Wanted = Callable[[Task, SentStep | None], bool]
"""Whether an open step of an agency with own software is to be sent; None: it was never sent."""


LOOK_AGAIN = timedelta(hours=1)
"""After this time it is looked again whether an agency has taken what is kept for it."""


@dataclass(frozen=True, slots=True)
class SentAgain:
    """What came of sending an agency's steps again.

    Attributes:
        sent: steps that were sent.
        answered: open steps that were not, since the agency has accepted them or an official of it has them.
        paused: open steps that were not, since they were sent a moment ago, or wait for the agency to take them.
        left: open steps that were not looked at, since enough were sent.
    """

    sent: int = 0
    answered: int = 0
    paused: int = 0
    left: int = 0


class NotPluggedIn(LookupError):
    """The agency's own software does not take part."""


def send_if_due(work: UnitOfWork, id_: str) -> bool:
    """Sends a step again whose time has come, unless it was answered meanwhile; returns whether it was sent."""

    def wanted(task: Task, sent: SentStep | None) -> bool:
        if sent is None or sent.send_again_at is None or sent.send_again_at > work.now:
            return False
        if is_answered(task, sent):
            sent_steps.end(work.connection, task.id)
            return False
        if _waits_here(work, task):
            sent_steps.write_sent_again(work, replace(sent, send_again_at=work.now + LOOK_AGAIN))
            return False
        return True

    return send_step(work, id_, wanted)


def send_open_steps_again(
    store: Store, agency: str, since: datetime | None = None, *, accepted: bool = False, most: int | None = None
) -> SentAgain:
    """Sends an agency's open steps again, each in a transaction of its own: repeated, it goes on where it was interrupted.

    Args:
        store: routing's.
        agency: its code.
        since: only steps that were first sent at this time or later; None: all.
        accepted: also those that it has accepted, and those that officials of it have.
        most: after so many it ends, so that a page answers in time; None: all.

    Raises:
        NotPluggedIn: its own software does not take part.
    """
    with store.read() as connection:
        if not plugins.is_plugged_in(connection, agency):
            raise NotPluggedIn(agency)
        statement = select(table.c.id).where(table.c.agency == agency, OPEN_TASKS).order_by(table.c.id)
        ids = connection.execute(statement).scalars().all()
    found: Counter[str] = Counter()
    for number, id_ in enumerate(ids):
        if most is not None and found["sent"] >= most:
            found["left"] = len(ids) - number
            break
        found[store.run(partial(_by_hand, id_=id_, since=since, accepted=accepted))] += 1
    return SentAgain(found["sent"], found["answered"], found["paused"], found["left"])


def _by_hand(work: UnitOfWork, id_: str, since: datetime | None, accepted: bool) -> str:
    """What became of one step: sent, answered or paused; "" if it was not asked for."""
    why = ""

    def wanted(task: Task, sent: SentStep | None) -> bool:
        nonlocal why
        if since is not None and (task.assigned_at if sent is None else sent.first_sent_at) < since:
            return False
        if not accepted and is_answered(task, sent):
            why = "answered"
        elif (sent is not None and work.now - sent.sent_at < sending_rules().pause) or _waits_here(work, task):
            why = "paused"
        return not why

    return "sent" if send_step(work, id_, wanted) else why


def _waits_here(work: UnitOfWork, task: Task) -> bool:
    """Whether a copy of the step has not gone out yet: over HTTPS it is kept here until the agency has taken it."""
    return is_waiting(work.connection, task.agency, task.id, event_type("agency.step.assigned"))


def is_answered(task: Task, sent: SentStep | None) -> bool:
    """Whether the agency has said something to an open step: its software has accepted it, or an official of it has taken it."""
    if task.official or (sent is not None and sent.answered_at):
        return True
    # accepting an earlier round says nothing of this one
    return bool(task.accepted_by) and (sent is None or (task.accepted_at or sent.first_sent_at) >= sent.first_sent_at)


def send_step(work: UnitOfWork, id_: str, wanted: Wanted) -> bool:
    """Sends an open step to its agency's own software, in its present round if it was sent before; returns whether it was sent.

    Args:
        work: the transaction.
        id_: the step.
        wanted: asked under the dossier's lock.
    """
    found = tasks.find(work.connection, id_)
    transaction = load_dossier(work, found.dossier) if found else None
    task = tasks.find(work.connection, id_)  # read again: this transaction may have waited for the lock
    if transaction is None or task is None:
        return False
    open_now = task.kind == STEP and task.state == TaskState.OPEN and task.refused_at is None
    if not open_now or task.agency not in work.attached(plugins.plugged_in):
        sent_steps.end(work.connection, id_)
        return False
    sent = sent_steps.find(work.connection, id_)
    if not wanted(task, sent):
        return False
    step = transaction.route.step(task.step)
    if sent is None or sent.agency != task.agency:
        assignment.notify_agency(transaction, task, step)
    else:
        assignment.notify_agency_again(transaction, task, step, sent)
        count_sent_again(work, task.agency)
    return True
