"""Agencies whose own software takes part: from when on, until when, and what it must be told of at the beginning."""

from __future__ import annotations

from sqlalchemy import select

from services.routing.dossier import assignment
from services.routing.dossier.load import load_dossier
from services.routing.plugins import store as plugins
from services.routing.store import tasks
from services.routing.store.tables import OPEN_TASKS
from services.routing.store.tables import tasks as table
from services.routing.store.tasks import STEP
from shared.persistence.store import Store, UnitOfWork


def plug_in(store: Store, agency: str) -> int:
    """From now on the agency's software is told of its steps, and at once of those that lie open; harmless when it is plugged in.

    Args:
        store: routing's.
        agency: its code.

    Returns:
        How many open steps it was told of.
    """

    def work(unit: UnitOfWork) -> int:
        if plugins.is_plugged_in(unit.connection, agency):
            return 0
        plugins.plug_in(unit.connection, agency, unit.now)
        open_steps = select(table.c.id).where(table.c.agency == agency, OPEN_TASKS).order_by(table.c.id)
        return sum(_tell(unit, id_) for id_ in unit.connection.execute(open_steps).scalars().all())

    return store.run(work)


def unplug(store: Store, agency: str) -> bool:
    """From now on it is told nothing more, and its steps are done by people; False when it was not plugged in."""
    return store.run(lambda unit: plugins.unplug(unit.connection, agency, unit.now))


def _tell(work: UnitOfWork, id_: str) -> bool:
    found = tasks.find(work.connection, id_)
    transaction = load_dossier(work, found.dossier) if found else None
    task = tasks.find(work.connection, id_)
    if transaction is None or task is None or task.kind != STEP or task.state != "open" or task.refused_at is not None:
        return False
    assignment.notify_agency(transaction, task, transaction.route.step(task.step))
    return True
