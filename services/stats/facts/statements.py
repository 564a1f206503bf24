"""The statements that write facts. Each writes what one event type says and leaves the rest, so that the order does not matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, and_, case, func, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from services.stats.facts.store import dossiers

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
    same: tuple[str, ...] = (),
) -> Statement:
    """Inserts a dossier, or updates some of its columns.

    Args:
        sets: columns that are always overwritten.
        if_missing: columns that are written only while they are empty.
        before_closure: columns that are written only while the dossier is neither resolved nor stopped.
        forward_only: times that are written only while the dossier is not resolved, and only if they are later.
        earliest: times of which the earliest is kept.
        latest: times of which the latest is kept.
        same: columns that contradict the event if they are neither empty nor the same; then nothing is written. The statement returns
            the code if it has written.
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
        if not same:
            return row.on_conflict_do_update(index_elements=[dossiers.c.code], set_=changes)
        alike = and_(*(or_(dossiers.c[name].is_(None), dossiers.c[name] == row.excluded[name]) for name in same))
        new = row.on_conflict_do_update(index_elements=[dossiers.c.code], set_=changes, where=alike)
        return new.returning(dossiers.c.code)

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


_ABOUT = ("agency", "field", "procedure")
_RECEIVED = ("agency", "field", "procedure", "case", "channel", "regulation", "fee", "received_at")
RECEIVED = _upsert(sets=_RECEIVED, if_missing=("promised_at", "due_at"), same=_RECEIVED)
OVERDUE = _upsert(sets=("overdue_at", "late_at"), before_closure=("handling_agency",), forward_only=("due_at",))
SUPPLEMENT_REQUESTED = _upsert(earliest=("supplement_requested_at",))
SUPPLEMENTED = _upsert(latest=("supplemented_at",))
EXTENDED = _upsert(latest=("extended_at",), forward_only=("due_at",))
DEADLINE_MOVED = _upsert(forward_only=("due_at",))
STOPPED = _upsert(
    sets=("handling_agency",),
    if_missing=("stopped_at", "stop_cause", "stopped_on_time", "late_at"),
    same=("stop_cause",),
)
RESOLVED = _upsert(
    sets=("handling_agency", "promised_at", "due_at"),
    if_missing=("resolved_at", "outcome", "on_time", "index_on_time", "early", "late_at"),
    same=("outcome",),
)
RETURNED = _upsert(if_missing=_ABOUT, earliest=("returned_at",), same=_ABOUT)
RATED = _upsert(if_missing=(*_ABOUT, "score", "rated_at"), same=(*_ABOUT, "score"))


def write(connection: Connection, statement: Statement, row: Mapping[str, Any]) -> bool:
    """Runs one of the statements of this module; false if it contradicts what is known, and nothing was written.

    Args:
        connection: inside a transaction.
        statement: such as :data:`RECEIVED`.
        row: column → value, for the columns that the statement writes.
    """
    result = connection.execute(statement[connection.dialect.name], row)
    return result.first() is not None if result.returns_rows else True
