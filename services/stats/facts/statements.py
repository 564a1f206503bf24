"""The statements that write facts. Each writes what one event type says and leaves the rest, so that the order does not matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, and_, case, func, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from services.stats.facts.store import corrections, dossiers, messages, payments, steps, warnings

Insert = sqlite.Insert | postgresql.Insert | ReturningInsert[str]
MakeInsert = Callable[[Table], sqlite.Insert] | Callable[[Table], postgresql.Insert]
Statement = Mapping[str, Insert]
"""Dialect → the statement. Built once: building a statement takes ten times as long as running it."""


def _upsert(
    sets: tuple[str, ...] = (),
    if_missing: tuple[str, ...] = (),
    before_closure: tuple[str, ...] = (),
    forward_only: tuple[str, ...] = (),
    earliest: tuple[str, ...] = (),
    latest: tuple[str, ...] = (),
    once: str = "",
) -> Statement:
    """Inserts a dossier, or updates some of its columns.

    Args:
        sets: columns that are always overwritten.
        if_missing: columns that are written only while they are empty.
        before_closure: columns that are written only while the dossier is neither resolved nor stopped.
        forward_only: times that are written only while the dossier is not resolved, and only if they are later.
        earliest: times of which the earliest is kept.
        latest: times of which the latest is kept.
        once: a column of `sets`: where it is not empty, and the row does not say the same in all of `sets`, nothing is written. The
            statement returns the code if it has written.
    """

    def build(insert: MakeInsert) -> Insert:
        row = insert(dossiers)
        changes: dict[str, Any] = {name: row.excluded[name] for name in sets}
        changes |= {name: func.coalesce(dossiers.c[name], row.excluded[name]) for name in if_missing}
        resolved, stopped = dossiers.c.resolved_at.is_not(None), dossiers.c.stopped_at.is_not(None)
        kept = {name: or_(resolved, stopped) for name in before_closure}
        kept |= {name: or_(resolved, dossiers.c[name] > row.excluded[name]) for name in forward_only}
        kept |= {name: dossiers.c[name] < row.excluded[name] for name in earliest}
        kept |= {name: dossiers.c[name] > row.excluded[name] for name in latest}
        changes |= {name: case((keep, dossiers.c[name]), else_=row.excluded[name]) for name, keep in kept.items()}
        if not once:
            return row.on_conflict_do_update(index_elements=[dossiers.c.code], set_=changes)
        same = and_(*(dossiers.c[name] == row.excluded[name] for name in sets))
        new = row.on_conflict_do_update(
            index_elements=[dossiers.c.code], set_=changes, where=or_(dossiers.c[once].is_(None), same)
        )
        return new.returning(dossiers.c.code)

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


def _insert_once(table: Table) -> Statement:
    """Inserts a row, unless its primary key exists."""
    return {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
    }


RECEIVED = _upsert(
    sets=("agency", "field", "procedure", "case", "channel", "regulation", "fee", "received_at"),
    if_missing=("promised_at", "due_at"),
    once="received_at",
)
OVERDUE = _upsert(sets=("overdue_at", "late_at"), before_closure=("handling_agency",), forward_only=("due_at",))
SUPPLEMENT_REQUESTED = _upsert(earliest=("supplement_requested_at",))
SUPPLEMENTED = _upsert(latest=("supplemented_at",))
EXTENDED = _upsert(latest=("extended_at",), forward_only=("due_at",))
DEADLINE_MOVED = _upsert(forward_only=("due_at",))
STOPPED = _upsert(sets=("stopped_at", "stop_cause", "stopped_on_time", "handling_agency"), if_missing=("late_at",))
RESOLVED = _upsert(
    sets=("handling_agency", "promised_at", "due_at", "resolved_at", "outcome", "on_time", "index_on_time", "early"),
    if_missing=("late_at",),
)
RETURNED = _upsert(sets=("returned_at",), if_missing=("agency", "field", "procedure"))
RATED = _upsert(sets=("score", "rated_at"), if_missing=("agency", "field", "procedure"))
STEP = _insert_once(steps)
PAYMENT = _insert_once(payments)
MESSAGE = _insert_once(messages)
WARNING = _insert_once(warnings)
CORRECTION = _insert_once(corrections)


def write(connection: Connection, statement: Statement, row: Mapping[str, Any]) -> bool:
    """Runs one of the statements of this module; false if it must write once, and something else was written before.

    Args:
        connection: inside a transaction.
        statement: such as :data:`RECEIVED`.
        row: column → value, for the columns that the statement writes.
    """
    result = connection.execute(statement[connection.dialect.name], row)
    return result.first() is not None if result.returns_rows else True
