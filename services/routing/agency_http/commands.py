"""Connects agencies' own software in one way or another."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from services.routing.agency_http import store
from services.routing.plugins import registry
from services.routing.plugins import store as plugins
from services.routing.plugins.ways import OVER_HTTP, Way
from shared.messaging.event import event_type
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork

ASSIGNED = event_type("agency.step.assigned")


class NotByPull(Exception):
    """The agency's software does not fetch its events: it gets them in another way, or takes no part."""


@dataclass(frozen=True, slots=True)
class Connected:
    """What a change of the way has done.

    Attributes:
        changed: whether the agency was connected in another way before, or not at all.
        sent: how many open steps were sent in the new way.
    """

    changed: bool
    sent: int


def connect(store_: Store, agency: str, way: Way, signs: bool | None = None) -> Connected:
    """Connects an agency's own software in a way; its open steps are sent in that way once. If it is so connected already, only `signs`
    has an effect.

    Args:
        store_: routing's.
        agency: its code.
        way: how it gets its events from now on.
        signs: whether it may complete the steps of leaders, who sign in it; None: unchanged, at first not.
    """
    return store_.run(lambda work: connect_in(work, agency, way, signs))


def connect_in(work: UnitOfWork, agency: str, way: Way, signs: bool | None) -> Connected:
    """Does what :func:`connect` does, in a transaction."""
    before = plugins.way_of(work.connection, agency)
    if before is None:
        plugins.plug_in(work.connection, agency, work.now, way)
    elif before != way:
        plugins.change_way(work.connection, agency, way)
    if signs is not None:
        plugins.let_sign(work.connection, agency, signs)
    if before == way:
        return Connected(False, 0)
    if before not in OVER_HTTP or way not in OVER_HTTP:
        store.supersede_waiting(work.connection, agency, work.clock.wall())
    known = store.waiting_tasks(work.connection, agency, ASSIGNED)
    return Connected(True, registry.send_open_steps(work, agency, known))


def disconnect(store_: Store, agency: str) -> bool:
    """From now on people do the agency's steps; False when its software took no part."""

    def work(unit: UnitOfWork) -> bool:
        store.supersede_waiting(unit.connection, agency, unit.clock.wall())
        return plugins.unplug(unit.connection, agency, unit.now)

    return store_.run(work)


def require_pull(connection: Connection, agency: str) -> None:
    """Requires that an agency's software fetches its events.

    Raises:
        NotByPull: otherwise.
    """
    if plugins.way_of(connection, agency) != Way.PULL:
        raise NotByPull(agency)
