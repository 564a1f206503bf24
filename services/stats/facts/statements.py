"""The statements that write facts. Each writes what one event type says and leaves the rest, so that the order does not matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, and_, case, func, not_, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from services.stats.facts.store import dossiers, messages, steps, warnings

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
    stated_by: tuple[str, ...] = (),
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
        stated_by: what is known of the end once the first of these is: they and `late_at` are then left, since a withdrawal of lateness may
            have stated them before. Until then `late_at` is written while it is empty.
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
        if stated_by:
            stated = dossiers.c[stated_by[0]].is_not(None)
            kept |= dict.fromkeys(stated_by, stated) | {"late_at": or_(stated, dossiers.c.late_at.is_not(None))}
        changes |= {name: case((keep, dossiers.c[name]), else_=row.excluded[name]) for name, keep in kept.items()}
        if not same:
            return row.on_conflict_do_update(index_elements=[dossiers.c.code], set_=changes)
        alike = and_(*(or_(dossiers.c[name].is_(None), dossiers.c[name] == row.excluded[name]) for name in same))
        new = row.on_conflict_do_update(index_elements=[dossiers.c.code], set_=changes, where=alike)
        return new.returning(dossiers.c.code)

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


def _overdue() -> Statement:
    """A due time was missed, unless that was withdrawn; of several the last counts."""

    def build(insert: MakeInsert) -> Insert:
        row = insert(dossiers)
        ended = or_(dossiers.c.resolved_at.is_not(None), dossiers.c.stopped_at.is_not(None))
        missed = row.excluded.overdue_at
        ignored = or_(dossiers.c.overdue_withdrawn_at >= missed, dossiers.c.overdue_at > missed)
        later = or_(dossiers.c.resolved_at.is_not(None), dossiers.c.due_at > row.excluded.due_at)
        kept = {"overdue_at": ignored, "late_at": ignored, "handling_agency": ended, "due_at": later}
        changes = {name: case((keep, dossiers.c[name]), else_=row.excluded[name]) for name, keep in kept.items()}
        return row.on_conflict_do_update(index_elements=[dossiers.c.code], set_=changes)

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


def _overdue_withdrawn() -> Statement:
    """A due time was not missed after all. What was missed after it stays; of a dossier that has ended everything is stated anew."""

    def build(insert: MakeInsert) -> Insert:
        row = insert(dossiers)
        withdrawn, ended = row.excluded.overdue_withdrawn_at, row.excluded.on_time.is_not(None)
        kept = {
            "overdue_at": dossiers.c.overdue_at > withdrawn,
            "late_at": and_(not_(ended), dossiers.c.late_at > withdrawn),
            "due_at": and_(
                not_(ended), or_(dossiers.c.resolved_at.is_not(None), dossiers.c.due_at > row.excluded.due_at)
            ),
            **dict.fromkeys(("on_time", "index_on_time", "early", "stopped_on_time"), not_(ended)),
        }
        changes = {name: case((keep, dossiers.c[name]), else_=row.excluded[name]) for name, keep in kept.items()}
        known = dossiers.c.overdue_withdrawn_at
        return row.on_conflict_do_update(
            index_elements=[dossiers.c.code],
            set_=changes | {"overdue_withdrawn_at": withdrawn},
            where=or_(known.is_(None), known < withdrawn),
        )

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


def _set_once(table: Table, key: str, column: str) -> Statement:
    """Sets a column of a warning or a step to true for good, whether its row has come yet or not; returns the key if it has written."""

    def build(insert: MakeInsert) -> Insert:
        row = insert(table)
        alike = and_(table.c.dossier == row.excluded.dossier, table.c.step == row.excluded.step)
        changed = row.on_conflict_do_update(index_elements=[table.c[key]], set_={column: True}, where=alike)
        return changed.returning(table.c[key])

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


def _message() -> Statement:
    """What is known last of a message counts, in the period of what is known first; returns its id if it was told of this dossier."""

    def build(insert: MakeInsert) -> Insert:
        row = insert(messages)
        known, told = messages.c, row.excluded
        rank = case({state: number for number, state in enumerate(MESSAGE_STATES)}, value=known.state)
        new_rank = case({state: number for number, state in enumerate(MESSAGE_STATES)}, value=told.state)
        older = or_(known.state_at > told.state_at, and_(known.state_at == told.state_at, rank > new_rank))
        changes: dict[str, Any] = {
            name: case((older, known[name]), else_=told[name]) for name in ("channel", "state", "reason", "state_at")
        }
        changes["at"] = case((known.at < told.at, known.at), else_=told.at)
        changes["segments"] = case((known.segments > told.segments, known.segments), else_=told.segments)
        alike = and_(known.dossier == told.dossier, known.kind == told.kind)
        return row.on_conflict_do_update(index_elements=[known.message], set_=changes, where=alike).returning(
            known.message
        )

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


MESSAGE_STATES = ("skipped", "sent", "failed", "delivered", "returned")
"""What may be known of a message; of one moment the later of these counts."""
MESSAGE = _message()
_ABOUT = ("agency", "field", "procedure")
_RECEIVED = ("agency", "field", "procedure", "case", "channel", "regulation", "fee", "received_at")
RECEIVED = _upsert(sets=_RECEIVED, if_missing=("promised_at", "due_at"), same=_RECEIVED)
OVERDUE = _overdue()
OVERDUE_WITHDRAWN = _overdue_withdrawn()
SUPPLEMENT_REQUESTED = _upsert(earliest=("supplement_requested_at",))
SUPPLEMENTED = _upsert(latest=("supplemented_at",))
EXTENDED = _upsert(latest=("extended_at",), forward_only=("due_at",))
DEADLINE_MOVED = _upsert(forward_only=("due_at",))
STOPPED = _upsert(
    sets=("handling_agency",),
    if_missing=("stopped_at", "stop_cause"),
    stated_by=("stopped_on_time",),
    same=("stop_cause",),
)
RESOLVED = _upsert(
    sets=("handling_agency", "promised_at"),
    if_missing=("resolved_at", "outcome"),
    stated_by=("on_time", "index_on_time", "early", "due_at"),
    same=("outcome",),
)
RETURNED = _upsert(if_missing=(*_ABOUT, "return_method"), earliest=("returned_at",), same=_ABOUT)
RESULT_PUBLISHED = _upsert(earliest=("published_at",))
WARNING_WITHDRAWN = _set_once(warnings, "id", "withdrawn")
STEP_IN_TIME = _set_once(steps, "task", "on_time")


def write(connection: Connection, statement: Statement, row: Mapping[str, Any]) -> bool:
    """Runs one of the statements of this module; false if it contradicts what is known, and nothing was written.

    Args:
        connection: inside a transaction.
        statement: such as :data:`RECEIVED`.
        row: column → value, for the columns that the statement writes.
    """
    result = connection.execute(statement[connection.dialect.name], row)
    return result.first() is not None if result.returns_rows else True
