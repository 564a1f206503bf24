"""Epochs: how a database that was restored from a backup is noticed, and how nothing that it gave out before is given out again.

A restored database has forgotten what happened after the backup: numbers that stand on receipts, sequence numbers that subscribers have
seen. Each restore therefore begins a new *epoch*, whose number is the Unix time in seconds at which it began, so that no two restores of
one backup have the same. The number is the upper part of every sequence number (see :data:`SEQUENCE_BITS`): what is published after a
restore comes after all that was published before, whatever was lost. The first epoch, of a database that was never restored, is 0.

The restore itself must be noticed, since a restored database also carries its old epoch. Each new connection compares what the database
remembers of its place with the place itself, before the connection is used:

- PostgreSQL: the OIDs of the database and of a table (a dump that is restored makes new ones), the system identifier of the server and
  its timeline (recovery to a point in time, or a standby that took over, begins a new one).
- SQLite: a small file beside the database (`shared.persistence.witness`).

What this cannot see (a snapshot of a whole machine) is noticed by subscribers, see `shared.messaging.restored`, or told by a person:
``motcua store restored``. An epoch too many does no harm: numbers get a gap.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from shared.persistence.engine import FILE_WAIT_SECONDS
from shared.persistence.witness import LAST_EPOCH, Witness

log = logging.getLogger(__name__)

SEQUENCE_BITS = 20
"""A sequence number is the epoch's number, shifted by this, and a count within the key: a million events per dossier and epoch."""

_LOCK = 7_206_812  # any constant: two connections do not begin an epoch at once
_INSERT = "INSERT INTO epoch (number, witness, reason, announced) VALUES ({})"
_RIGHTS = """SELECT has_function_privilege('pg_control_system()', 'execute')
    AND has_function_privilege('pg_control_checkpoint()', 'execute'), to_regclass('epoch') IS NOT NULL"""
_PLACE_WITHOUT_SERVER = """SELECT concat_ws('/', 'table', to_regclass('epoch')::oid,
    'database', (SELECT oid FROM pg_database WHERE datname = current_database()))"""
_PLACE = f"""{_PLACE_WITHOUT_SERVER}
    || (SELECT concat('/system/', system_identifier) FROM pg_control_system())
    || (SELECT concat('/timeline/', timeline_id) FROM pg_control_checkpoint())"""
MAX_REASON = 500
NOTICED = "the database was restored from a backup"
"""The reason of an epoch that began by itself, before the restored database was used."""


def begin_if_restored(engine: Engine, now: Callable[[], float]) -> Witness | None:
    """From now on, each new connection first looks whether the database was restored, and then begins a new epoch.

    Args:
        engine: of the service's database; it has not connected yet.
        now: real time in Unix seconds.

    Returns:
        the witness of an SQLite file; None for PostgreSQL.
    """
    if engine.dialect.name == "postgresql":

        @event.listens_for(engine, "connect")
        def check_postgresql(raw: Any, _record: Any) -> None:
            _check_postgresql(raw, now())

        return None
    if not engine.url.database:
        return None
    witness = Witness(Path(engine.url.database))

    @event.listens_for(engine, "connect")
    def check_sqlite(raw: Any, _record: Any) -> None:
        _check_sqlite(raw, witness, now())

    return witness


def check(connection: Connection, now: float) -> None:
    """Looks again, on an open connection: a dump may have been restored under a running process.

    Args:
        connection: outside a transaction.
        now: real time in Unix seconds.
    """
    if connection.dialect.name == "postgresql":
        _check_postgresql(connection.connection.driver_connection, now)


def begin(connection: Connection, reason: str, now: float) -> int:
    """Begins a new epoch. The present one serves if it is new, because nobody has been told of it yet.

    Args:
        connection: inside a transaction.
        reason: for people.
        now: real time in Unix seconds.

    Returns:
        the number of the epoch.
    """
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    last = connection.exec_driver_sql(LAST_EPOCH).first()
    if last is not None and last.number and not last.announced:
        return int(last.number)
    number = _next(last.number if last else 0, now)
    row = (number, last.witness if last else "", reason[:MAX_REASON], False)
    connection.exec_driver_sql(_INSERT.format(", ".join(["%s" if postgresql else "?"] * 4)), row)
    log.error("a new epoch begins, numbers get a gap: %s", reason)
    return number


@dataclass(frozen=True, slots=True)
class Epoch:
    """The present epoch of a database.

    Attributes:
        number: 0 for the first; else the Unix time in seconds at which it began.
        reason: why it began; empty for the first.
        announced: whether the other services have been told.
    """

    number: int
    reason: str
    announced: bool


def present(connection: Connection) -> Epoch:
    """The present epoch."""
    row = connection.exec_driver_sql(LAST_EPOCH).first()
    return Epoch(0, "", True) if row is None else Epoch(int(row.number), row.reason, bool(row.announced))


def mark_announced(connection: Connection, number: int) -> None:
    """Records that the other services have been told of an epoch."""
    connection.execute(
        text("UPDATE epoch SET announced = :yes WHERE number = :number"), {"yes": True, "number": number}
    )


def epoch_of(sequence: int) -> int:
    """The epoch of a sequence number."""
    return sequence >> SEQUENCE_BITS


def _next(last: int, now: float) -> int:
    return max(int(last) + 1, int(now))


def _check_postgresql(raw: Any, now: float) -> None:
    try:
        may_see_all, there = raw.execute(_RIGHTS).fetchone()
        if there:
            place = raw.execute(_PLACE if may_see_all else _PLACE_WITHOUT_SERVER).fetchone()[0]
            if not _is_here(raw.execute(LAST_EPOCH).fetchone(), place):
                raw.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
                last = raw.execute(LAST_EPOCH).fetchone()  # another connection may have been first
                if not _is_here(last, place):
                    _write(raw, last, place, bool(last and last[1]), "%s", now)
        raw.commit()
    except BaseException:
        raw.rollback()
        raise


def _is_here(last: Any, place: str) -> bool:
    """Whether a row of the table was written at this place. Parts are compared that both have: rights to see them may change."""
    if last is None or not last[1]:
        return False
    known, here = _parts(last[1]), _parts(place)
    return all(known[name] == here[name] for name in known.keys() & here.keys())


def _parts(place: str) -> dict[str, str]:
    words = place.split("/")
    return dict(zip(words[::2], words[1::2], strict=False))


def _check_sqlite(raw: sqlite3.Connection, witness: Witness, now: float) -> None:
    if not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'epoch'").fetchone():
        return
    if not witness.agrees(raw):
        new = not (witness.path.exists() or raw.execute(LAST_EPOCH).fetchone())
        try:
            if (
                new
            ):  # nothing was restored, so whoever holds the lock need not be waited for: the next connection will do it
                raw.execute("PRAGMA busy_timeout=0")
            _witness_anew(raw, witness, now)
        except sqlite3.OperationalError as error:
            if not new or "locked" not in str(error):
                raise
            return
        finally:
            raw.execute(f"PRAGMA busy_timeout={round(FILE_WAIT_SECONDS * 1000)}")
    witness.known = True


def _witness_anew(raw: sqlite3.Connection, witness: Witness, now: float) -> None:
    raw.execute("BEGIN IMMEDIATE")  # outside the block: when it fails, there is nothing to roll back
    try:
        if not witness.agrees(raw):  # another process may have been first
            last = raw.execute(LAST_EPOCH).fetchone()
            token = secrets.token_hex(8)
            # a witness without its database: the file was deleted, and its numbers would begin again
            _write(raw, last, token, bool(last and last[1]) or witness.path.exists(), "?", now)
            witness.begin(raw, token)
        raw.execute("COMMIT")
    except BaseException:
        raw.execute("ROLLBACK")
        raise


def _write(raw: Any, last: Any, place: str, restored: bool, mark: str, now: float) -> None:
    """Writes the place of the first epoch, or a new epoch; inside a transaction that excludes others."""
    number = _next(last[0] if last else 0, now) if restored else (last[0] if last else 0)
    raw.execute(f"DELETE FROM epoch WHERE number = {mark}", (number,))
    row = (number, place, NOTICED if restored else "", not restored)
    raw.execute(_INSERT.format(", ".join([mark] * 4)), row)
    if restored:
        log.error("the database was restored from a backup: a new epoch begins, and numbers get a gap")
