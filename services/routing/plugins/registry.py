"""Registers agencies whose own software takes part, and sends them their open steps when they join."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from services.routing.plugins import store as plugins
from services.routing.plugins.sending_again import send_step
from services.routing.store.tables import OPEN_TASKS
from services.routing.store.tables import tasks as table
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork


def plug_in(store: Store, agency: str, signs: bool | None = None) -> int:
    """Registers the agency's software, which gets its open steps at once and later ones as they come; if it is registered already,
    only `signs` has an effect.

    Args:
        store: routing's.
        agency: its code.
        signs: whether it may complete the steps of leaders, who sign in it; None: unchanged, at first not.

    Returns:
        How many open steps were sent to it.
    """

    def work(unit: UnitOfWork) -> int:
        known = plugins.is_plugged_in(unit.connection, agency)
        if not known:
            plugins.plug_in(unit.connection, agency, unit.now)
        if signs is not None:
            plugins.let_sign(unit.connection, agency, signs)
        return 0 if known else send_open_steps(unit, agency)

    return store.run(work)


def send_open_steps(work: UnitOfWork, agency: str, but: Collection[str] = ()) -> int:
    """Sends an agency's software its open steps; returns how many.

    Args:
        work: the transaction.
        agency: its code.
        but: steps that are left out.
    """
    open_steps = select(table.c.id).where(table.c.agency == agency, OPEN_TASKS).order_by(table.c.id)
    found = work.connection.execute(open_steps).scalars().all()
    return sum(send_step(work, id_, lambda _task, _sent: True) for id_ in found if id_ not in but)
