"""The table of failed look-ups, counted per code."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, Integer, String, Table, bindparam, case, delete, select

from services.intake.database import metadata
from shared.persistence.sql import Moment, insert

lookup_failures = Table(
    "lookup_failure",  # failed tries per code in the window that began at `since` (real time)
    metadata,
    Column("code", String(60), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", Moment, nullable=False, index=True),
)

_FAILURES = select(lookup_failures.c.failures, lookup_failures.c.since).where(
    lookup_failures.c.code == bindparam("of_code")
)


def failures_of(connection: Connection, code: str) -> tuple[int, datetime] | None:
    """Number of failed tries for a code, and since when (real time); None when there was none."""
    row = connection.execute(_FAILURES, {"of_code": code}).first()
    return None if row is None else (row.failures, row.since)


def add_failure(connection: Connection, code: str, now: datetime, window_start: datetime) -> int:
    """Counts a failed try; returns the number in the present window, this one included.

    Args:
        connection: inside a transaction for writing.
        code: as typed, whether or not there is such a dossier.
        now: real time.
        window_start: a window that began earlier is over, and a new one begins now.
    """
    table = lookup_failures
    over = table.c.since <= window_start
    statement = insert(table, connection).values(code=code, failures=1, since=now)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.code],
        set_={
            "failures": case((over, 1), else_=table.c.failures + 1),
            "since": case((over, now), else_=table.c.since),
        },
    ).returning(table.c.failures)
    return int(connection.execute(statement).scalar_one())


def delete_failures(connection: Connection, before: datetime) -> int:
    """Deletes the counts of windows that began before a moment (real time); returns how many."""
    return connection.execute(delete(lookup_failures).where(lookup_failures.c.since < before)).rowcount
