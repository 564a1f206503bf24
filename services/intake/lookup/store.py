"""The table of wrong tries of the look-up, counted per code and per address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, Integer, String, Table, bindparam, case, delete, select

from services.intake.database import metadata
from shared.persistence.sql import Moment, insert

lookup_failures = Table(
    "lookup_failure",  # wrong tries in the window that began at `since` (real time)
    metadata,
    Column("of", String(80), primary_key=True),  # a code, or the keyed hash of an address
    Column("failures", Integer, nullable=False),
    Column("since", Moment, nullable=False, index=True),
)

_FAILURES = select(lookup_failures.c.failures, lookup_failures.c.since).where(
    lookup_failures.c.of == bindparam("which")
)


def failures_of(connection: Connection, of: str) -> tuple[int, datetime] | None:
    """Number of wrong tries, and since when (real time); None when there was none."""
    row = connection.execute(_FAILURES, {"which": of}).first()
    return None if row is None else (row.failures, row.since)


def add_failure(connection: Connection, of: str, now: datetime, window_start: datetime) -> tuple[int, datetime]:
    """Counts a wrong try; returns the number in the present window, this one included, and when the window began.

    One statement: of any number of simultaneous tries, each gets a number of its own.

    Args:
        connection: inside a transaction for writing.
        of: a code, whether or not there is such a dossier, or the hash of an address.
        now: real time.
        window_start: a window that began earlier is over, and a new one begins now.
    """
    table = lookup_failures
    over = table.c.since <= window_start
    statement = insert(table, connection).values(of=of, failures=1, since=now)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.of],
        set_={
            "failures": case((over, 1), else_=table.c.failures + 1),
            "since": case((over, now), else_=table.c.since),
        },
    ).returning(table.c.failures, table.c.since)
    row = connection.execute(statement).one()
    return int(row.failures), row.since


def delete_failures(connection: Connection, before: datetime) -> int:
    """Deletes the counts of windows that began before a moment (real time); returns how many."""
    return connection.execute(delete(lookup_failures).where(lookup_failures.c.since < before)).rowcount
