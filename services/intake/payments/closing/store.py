"""The tables of clerks' days: which are closed, and every closing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    select,
    update,
)

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
    UniqueConstraint("desk", "clerk", "day", name="uq_day_closing"),
)


def lock_day(connection: Connection, desk: str, clerk: str, day: date) -> bool:
    """Locks a clerk's day until the transaction ends; returns whether it is closed."""
    row = insert(cash_days, connection).values(desk=desk, clerk=clerk, day=day, closed=False)
    row = row.on_conflict_do_update(
        index_elements=list(cash_days.primary_key), set_={"closed": cash_days.c.closed}
    ).returning(cash_days.c.closed)
    return bool(connection.execute(row).scalar_one())


def lock_drawer(connection: Connection, desk: str, clerk: str, today: date) -> date:
    """Locks the day in which a clerk's cash moves now: today, or the next day once today is closed, since a closing is final.

    Returns:
        the day.
    """
    return today if not lock_day(connection, desk, clerk, today) else _next_open(connection, desk, clerk, today)


def _next_open(connection: Connection, desk: str, clerk: str, today: date) -> date:
    following = today + timedelta(days=1)
    if lock_day(connection, desk, clerk, following):  # only days that have come are closed
        raise DayClosed
    return following


def set_closed(connection: Connection, desk: str, clerk: str, day: date) -> None:
    """Closes a locked day."""
    of = (cash_days.c.desk == desk, cash_days.c.clerk == clerk, cash_days.c.day == day)
    connection.execute(update(cash_days).where(*of).values(closed=True))


def add_closing(connection: Connection, closing: Closing) -> None:
    """Records a closing."""
    connection.execute(closings.insert(), asdict(closing))


def closing(connection: Connection, identifier: str) -> Closing | None:
    """A closing; None when there is none."""
    row = connection.execute(select(closings).where(closings.c.id == identifier)).first()
    return None if row is None else Closing(*row)


def open_days(connection: Connection, desks: Collection[str], clerk: str) -> list[tuple[str, date]]:
    """The desks and days of a clerk in which cash moved and that are not closed, the oldest first."""
    found = select(cash_days.c.desk, cash_days.c.day).where(
        cash_days.c.desk.in_(desks), cash_days.c.clerk == clerk, cash_days.c.closed == false()
    )
    return [(desk, day) for desk, day in connection.execute(found.order_by(cash_days.c.day, cash_days.c.desk))]


def recent(connection: Connection, desks: Collection[str], clerk: str, limit: int) -> list[Closing]:
    """Closings of some desks, the newest first.

    Args:
        connection: any.
        desks: codes.
        clerk: whose; empty for all.
        limit: how many at most.
    """
    conditions = [closings.c.desk.in_(desks), *([closings.c.clerk == clerk] if clerk else [])]
    found = select(closings).where(*conditions).order_by(closings.c.closed_at.desc(), closings.c.id.desc())
    return [Closing(*row) for row in connection.execute(found.limit(limit))]
