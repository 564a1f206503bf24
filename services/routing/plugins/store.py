"""The table of agencies whose own software takes part, and its statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Boolean, Column, Connection, String, Table, bindparam, select, update

from services.routing.database import metadata
from services.routing.plugins.ways import Way
from shared.persistence.sql import Moment, Upsert
from shared.persistence.unit_of_work import UnitOfWork

agency_services = Table(
    "agency_service",
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("signs", Boolean, nullable=False),  # whether its leaders sign in its software
    Column("until", Moment),  # when it was unplugged; null while it takes part
    Column("way", String(10), nullable=False),  # how it is connected
)

_C = agency_services.c
_PLUG_IN = Upsert(
    agency_services,
    lambda row: row.on_conflict_do_update(
        index_elements=[_C.agency],
        set_={name: row.excluded[name] for name in ("since", "signs", "until", "way")},
        where=_C.until.is_not(None),
    ),
)
_PLUGGED_IN = select(_C.agency, _C.way).where(_C.until.is_(None))
_ONE_PLUGGED_IN = _PLUGGED_IN.where(_C.agency == bindparam("of_agency"))
_SIGNS = _ONE_PLUGGED_IN.where(_C.signs)


def plug_in(connection: Connection, agency: str, at: datetime, way: Way = Way.AMQP) -> None:
    """The agency's own software takes part from a moment on; it gets the agency's steps as events, and does not sign."""
    row = {"agency": agency, "since": at, "signs": False, "until": None, "way": way}
    connection.execute(_PLUG_IN.on(connection), row)


def unplug(connection: Connection, agency: str, at: datetime) -> bool:
    """The agency's own software takes part no longer; False when it was not plugged in."""
    where = (agency_services.c.agency == agency, agency_services.c.until.is_(None))
    return connection.execute(update(agency_services).where(*where).values(until=at)).rowcount == 1


def let_sign(connection: Connection, agency: str, signs: bool) -> None:
    """Whether the steps of the agency's leaders may be completed by its software, in which they sign."""
    connection.execute(update(agency_services).where(agency_services.c.agency == agency).values(signs=signs))


def signs(connection: Connection, agency: str) -> bool:
    """Whether the agency's leaders sign in its own software, which takes part."""
    return connection.execute(_SIGNS, {"of_agency": agency}).first() is not None


def is_plugged_in(connection: Connection, agency: str) -> bool:
    """Whether an agency's own software takes part."""
    return connection.execute(_ONE_PLUGGED_IN, {"of_agency": agency}).first() is not None


def all_plugged_in(connection: Connection) -> frozenset[str]:
    """The agencies whose own software takes part."""
    return frozenset(connection.execute(_PLUGGED_IN).scalars())


def way_of(connection: Connection, agency: str) -> Way | None:
    """How an agency's own software is connected; None where none takes part."""
    found = connection.execute(_ONE_PLUGGED_IN, {"of_agency": agency}).first()
    return None if found is None else Way(found.way)


def change_way(connection: Connection, agency: str, way: Way) -> None:
    """From now on an agency's own software is connected in another way."""
    connection.execute(update(agency_services).where(agency_services.c.agency == agency).values(way=way))


def plugged_in(work: UnitOfWork) -> Mapping[str, Way]:
    """The agencies whose own software takes part, and how each is connected.

    ``work.attached(plugged_in)`` reads them once for a transaction, which may assign many steps.
    """
    return {agency: Way(way) for agency, way in work.connection.execute(_PLUGGED_IN)}
