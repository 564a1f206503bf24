"""The table of applications: what was filed online or came by post, whose answer by the receiving desk is timed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    SmallInteger,
    String,
    Table,
    bindparam,
    case,
    func,
    select,
    text,
    update,
)

from services.routing.database import metadata
from shared.messaging.records import add_once
from shared.persistence.sql import Moment

_SCHEDULED = text("next_check_at IS NOT NULL")

applications = Table(
    "application",
    metadata,
    Column("code", String(100), primary_key=True),
    Column("agency", String(50), nullable=False),  # the receiving desk
    Column("channel", String(10), nullable=False),
    Column("procedure", String(50), nullable=False),
    Column("regulation", String(50), nullable=False),
    Column("filed_at", Moment, nullable=False),
    Column("waiting_since", Moment, nullable=False),  # filed or supplemented
    Column("supplement_requested_at", Moment),
    Column("supplemented_at", Moment),
    Column("ended_at", Moment),  # accepted, refused, withdrawn or closed
    Column("alerted_at", Moment),  # in the present wait
    Column("overdue_at", Moment),  # in the present wait
    Column("escalation", SmallInteger, nullable=False),
    Column("next_check_at", Moment),  # NULL: nothing will happen by itself
    Index("ix_application_agency", "agency", sqlite_where=_SCHEDULED, postgresql_where=_SCHEDULED),
    Index("ix_application_next_check", "next_check_at", "code", sqlite_where=_SCHEDULED, postgresql_where=_SCHEDULED),
)


@dataclass(frozen=True, slots=True)
class TimedApplication:
    """A row of `application`; the fields are the columns, in their order."""

    code: str
    agency: str
    channel: str
    procedure: str
    regulation: str
    filed_at: datetime
    waiting_since: datetime
    supplement_requested_at: datetime | None
    supplemented_at: datetime | None
    ended_at: datetime | None
    alerted_at: datetime | None
    overdue_at: datetime | None
    escalation: int
    next_check_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """Applications of a desk and channel that wait for its answer: all, those it was alerted of, and those overdue."""

    agency: str
    channel: str
    waiting: int
    alerted: int
    overdue: int


_CHANGE = update(applications).where(applications.c.code == bindparam("of_code"))
_LOCKED = select(applications).where(applications.c.code == bindparam("of_code")).with_for_update()


def add(connection: Connection, values: dict[str, Any]) -> bool:
    """Adds an application; false if it is known.

    Raises:
        shared.messaging.errors.Conflict: another one of this code is known.
    """
    return add_once(connection, applications, values, same=("agency", "channel", "procedure", "regulation", "filed_at"))


def lock(connection: Connection, code: str) -> TimedApplication | None:
    """An application, locked until the transaction ends; None when there is none."""
    row = connection.execute(_LOCKED, {"of_code": code}).first()
    return None if row is None else TimedApplication(*row)


def change(connection: Connection, code: str, **values: Any) -> None:
    """Changes columns of an application that is locked."""
    connection.execute(_CHANGE, {"of_code": code, **values})


def count_waiting(connection: Connection, agencies: Collection[str] | None = None) -> list[WaitingCount]:
    """How many applications wait, by desk and channel; of some desks, or of all when None."""
    c = applications.c
    alerted, overdue = (func.sum(case((column.is_not(None), 1), else_=0)) for column in (c.alerted_at, c.overdue_at))
    found = select(c.agency, c.channel, func.count(), alerted, overdue).where(c.next_check_at.is_not(None))
    if agencies is not None:
        found = found.where(c.agency.in_(sorted(agencies)))
    return [
        WaitingCount(row[0], row[1], row[2], int(row[3]), int(row[4]))
        for row in connection.execute(found.group_by(c.agency, c.channel).order_by(c.agency, c.channel))
    ]
