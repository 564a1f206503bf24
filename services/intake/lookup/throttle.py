"""Queries that guard personal data: wrong look-ups counted, staff's reading recorded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, case, delete, select

from services.intake.database import audits, lookup_failures
from shared.auth import Principal
from shared.persistence.sql import insert

_TRIES = select(lookup_failures.c.failures, lookup_failures.c.since).where(
    lookup_failures.c.code == bindparam("wanted")
)
_ADD_AUDIT = audits.insert()


def wrong_tries(connection: Connection, code: str) -> tuple[int, datetime] | None:
    """How many wrong tries there were for a code, and since when (real time); None when there was none."""
    found = connection.execute(_TRIES, {"wanted": code}).one_or_none()
    return None if found is None else (found.failures, found.since)


def count_wrong_try(connection: Connection, code: str, now: datetime, window_begins: datetime) -> int:
    """Counts a wrong try and says how many there are in the present window, this one included.

    Args:
        connection: inside a transaction for writing.
        code: as asked for, whether or not there is such a dossier.
        now: real time.
        window_begins: a window that began earlier is over; a new one begins now.
    """
    table = lookup_failures
    over = table.c.since <= window_begins
    statement = insert(table, connection).values(code=code, failures=1, since=now)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.code],
        set_={
            "failures": case((over, 1), else_=table.c.failures + 1),
            "since": case((over, now), else_=table.c.since),
        },
    ).returning(table.c.failures)
    return int(connection.execute(statement).scalar_one())


def forget_tries(connection: Connection, before: datetime) -> int:
    """Deletes the counts of windows that began before a moment (real time); says how many."""
    return connection.execute(delete(lookup_failures).where(lookup_failures.c.since < before)).rowcount


def record_reading(connection: Connection, reader: Principal, action: str, dossier: str, at: datetime) -> None:
    """Records that a member of staff has read personal data, in the transaction that reads it.

    Args:
        connection: inside a transaction for writing.
        reader: who.
        action: ``read``, ``list``, ``receipt`` or ``papers``.
        dossier: which; empty for a list.
        at: business time.
    """
    roles = " ".join(sorted(reader.roles))
    row = {
        "subject": reader.subject,
        "role": roles,
        "agency": reader.agency,
        "action": action,
        "dossier": dossier,
        "at": at,
    }
    connection.execute(_ADD_AUDIT, row)
