"""The table of agencies whose own software takes part, and its statements."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Column, Connection, String, Table, select, update

from services.routing.database import metadata
from shared.persistence.sql import Moment, insert

agency_services = Table(
    "agency_service",
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("signs", Boolean, nullable=False),  # whether its leaders sign in its software
    Column("until", Moment),  # when it was unplugged; null while it takes part
)


def plug_in(connection: Connection, agency: str, at: datetime) -> None:
    """The agency's own software takes part from a moment on; it gets the agency's steps as events, and does not sign."""
    statement = insert(agency_services, connection).values(agency=agency, since=at, signs=False, until=None)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[agency_services.c.agency],
            set_={"since": at, "signs": False, "until": None},
            where=agency_services.c.until.is_not(None),
        )
    )


def unplug(connection: Connection, agency: str, at: datetime) -> bool:
    """The agency's own software takes part no longer; False when it was not plugged in."""
    where = (agency_services.c.agency == agency, agency_services.c.until.is_(None))
    return connection.execute(update(agency_services).where(*where).values(until=at)).rowcount == 1


def let_sign(connection: Connection, agency: str, signs: bool) -> None:
    """Whether the steps of the agency's leaders may be completed by its software, in which they sign."""
    connection.execute(update(agency_services).where(agency_services.c.agency == agency).values(signs=signs))


def signs(connection: Connection, agency: str) -> bool:
    """Whether the agency's leaders sign in its own software, which takes part."""
    where = (agency_services.c.agency == agency, agency_services.c.until.is_(None), agency_services.c.signs)
    return connection.execute(select(agency_services.c.agency).where(*where)).first() is not None


def is_plugged_in(connection: Connection, agency: str) -> bool:
    """Whether an agency's own software takes part."""
    statement = select(agency_services.c.agency).where(
        agency_services.c.agency == agency, agency_services.c.until.is_(None)
    )
    return connection.execute(statement).first() is not None
