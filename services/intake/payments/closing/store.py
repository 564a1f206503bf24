"""The tables of clerks' days: which are closed, and every closing and reopening."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Date, Index, String, Table, Text, false, select, update

from services.intake.database import metadata
from services.intake.payments.closing.domain import Closing, DayClosed
from shared.persistence.sql import Moment, insert

cash_days = Table(
    "cash_day",  # its row is locked by whatever moves the drawer's cash or closes the day
    metadata,
    Column("desk", String(50), primary_key=True),
    Column("clerk", String(200), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("closed", Boolean, nullable=False),
)

closings = Table(
    "day_closing",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("desk", String(50), nullable=False),
    Column("clerk", String(200), nullable=False),
    Column("day", Date, nullable=False),
    Column("recorded", BigInteger, nullable=False),  # VND
    Column("counted", BigInteger, nullable=False),  # VND
    Column("reason", Text, nullable=False),
    Column("closed_at", Moment, nullable=False),
    Index("ix_day_closing_day", "desk", "day"),
)

reopenings = Table(
    "day_reopening",
    metadata,
    Column("closing", String(36), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("reopened_at", Moment, nullable=False),
    Column("reopened_by", String(200), nullable=False),
)


def lock_day(connection: Connection, desk: str, clerk: str, day: date) -> bool:
    """Locks a clerk's day until the transaction ends; returns whether it is closed."""
    row = insert(cash_days, connection).values(desk=desk, clerk=clerk, day=day, closed=False)
    row = row.on_conflict_do_update(
        index_elements=list(cash_days.primary_key), set_={"closed": cash_days.c.closed}
    ).returning(cash_days.c.closed)
    return bool(connection.execute(row).scalar_one())


def lock_open_day(connection: Connection, desk: str, clerk: str, day: date) -> None:
    """Locks a clerk's day in which cash moves.

    Raises:
        DayClosed: it is closed.
    """
    if lock_day(connection, desk, clerk, day):
        raise DayClosed


def set_closed(connection: Connection, desk: str, clerk: str, day: date, closed: bool) -> None:
    """Closes or opens a locked day."""
    of = (cash_days.c.desk == desk, cash_days.c.clerk == clerk, cash_days.c.day == day)
    connection.execute(update(cash_days).where(*of).values(closed=closed))


def add_closing(connection: Connection, closing: Closing) -> None:
    """Records a closing."""
    connection.execute(closings.insert(), asdict(closing))


def add_reopening(connection: Connection, values: dict[str, Any]) -> None:
    """Records a reopening."""
    connection.execute(reopenings.insert(), values)


def last_closing(connection: Connection, desk: str, clerk: str, day: date) -> Closing | None:
    """The last closing of a day; None when it was never closed."""
    of = (closings.c.desk == desk, closings.c.clerk == clerk, closings.c.day == day)
    row = connection.execute(
        select(closings).where(*of).order_by(closings.c.closed_at.desc(), closings.c.id.desc())
    ).first()
    return None if row is None else Closing(*row)


def open_days(connection: Connection, desks: Collection[str], clerk: str) -> list[tuple[str, date]]:
    """The desks and days of a clerk in which cash moved and that are not closed, the oldest first."""
    found = select(cash_days.c.desk, cash_days.c.day).where(
        cash_days.c.desk.in_(desks), cash_days.c.clerk == clerk, cash_days.c.closed == false()
    )
    return [(desk, day) for desk, day in connection.execute(found.order_by(cash_days.c.day, cash_days.c.desk))]


def recent(connection: Connection, desks: Collection[str], clerk: str, limit: int) -> list[dict[str, Any]]:
    """Closings of some desks with their reopenings, the newest first.

    Args:
        connection: any.
        desks: codes.
        clerk: whose; empty for all.
        limit: how many at most.
    """
    table = closings.outerjoin(reopenings, reopenings.c.closing == closings.c.id)
    columns = [
        *closings.c,
        reopenings.c.reason.label("reopen_reason"),
        reopenings.c.reopened_at,
        reopenings.c.reopened_by,
    ]
    conditions = [closings.c.desk.in_(desks), *([closings.c.clerk == clerk] if clerk else [])]
    found = select(*columns).select_from(table).where(*conditions)
    rows = connection.execute(found.order_by(closings.c.closed_at.desc(), closings.c.id.desc()).limit(limit))
    return [dict(row._mapping) for row in rows]
