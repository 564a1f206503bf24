"""Writing facts: each statement adds what one event says and leaves the rest as it is, so that the order does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, case, func, or_
from sqlalchemy.dialects import postgresql, sqlite

from services.stats.facts.store import corrections, dossiers, messages, payments, steps, warnings

Statements = Mapping[str, Any]
"""By the database's dialect. Built once: building a statement takes ten times as long as running it."""


def _upsert(
    sets: tuple[str, ...] = (),
    fills: tuple[str, ...] = (),
    until_end: tuple[str, ...] = (),
    onward: tuple[str, ...] = (),
    first: tuple[str, ...] = (),
    last: tuple[str, ...] = (),
) -> Statements:
    """Adds facts to a dossier.

    Args:
        sets: columns that this event decides.
        fills: columns that it only fills in where nothing is known.
        until_end: columns that it decides as long as the dossier has not ended.
        onward: times that it moves on as long as there is no result; never back.
        first: times of which the earliest is kept.
        last: times of which the latest is kept.
    """

    def build(insert: Any) -> Any:
        row = insert(dossiers)
        changes = {name: row.excluded[name] for name in sets}
        changes |= {name: func.coalesce(dossiers.c[name], row.excluded[name]) for name in fills}
        resolved, stopped = dossiers.c.resolved_at.is_not(None), dossiers.c.stopped_at.is_not(None)
        kept = {name: or_(resolved, stopped) for name in until_end}
        kept |= {name: or_(resolved, dossiers.c[name] > row.excluded[name]) for name in onward}
        kept |= {name: dossiers.c[name] < row.excluded[name] for name in first}
        kept |= {name: dossiers.c[name] > row.excluded[name] for name in last}
        changes |= {name: case((keep, dossiers.c[name]), else_=row.excluded[name]) for name, keep in kept.items()}
        return row.on_conflict_do_update(index_elements=[dossiers.c.code], set_=changes)

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


def _once(table: Table) -> Statements:
    def build(insert: Any) -> Any:
        return insert(table).on_conflict_do_nothing()

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


RECEIVED = _upsert(
    sets=("agency", "field", "procedure", "case", "channel", "regulation", "fee", "received_at"),
    fills=("promised_at", "due_at"),
)
OVERDUE = _upsert(sets=("overdue_at", "late_at"), until_end=("handling_agency",), onward=("due_at",))
SUPPLEMENT_REQUESTED = _upsert(first=("supplement_requested_at",))
SUPPLEMENTED = _upsert(last=("supplemented_at",))
EXTENDED = _upsert(last=("extended_at",), onward=("due_at",))
STOPPED = _upsert(sets=("stopped_at", "stop_cause", "stopped_on_time", "handling_agency"), fills=("late_at",))
RESOLVED = _upsert(
    sets=("handling_agency", "promised_at", "due_at", "resolved_at", "outcome", "on_time", "index_on_time", "early"),
    fills=("late_at",),
)
RETURNED = _upsert(sets=("returned_at",), fills=("agency", "field", "procedure"))
RATED = _upsert(sets=("score", "rated_at"), fills=("agency", "field", "procedure"))
STEP = _once(steps)
PAYMENT = _once(payments)
MESSAGE = _once(messages)
WARNING = _once(warnings)
CORRECTION = _once(corrections)


def write(connection: Connection, statements: Statements, row: Mapping[str, Any]) -> None:
    """Runs one of the statements of this module."""
    connection.execute(statements[connection.dialect.name], row)
