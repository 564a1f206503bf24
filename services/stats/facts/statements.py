"""The statements that write facts. Each writes what one event type says and leaves the rest, so that the order does not matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, and_, case, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from services.stats.facts.store import messages, steps, warnings

Insert = sqlite.Insert | postgresql.Insert | ReturningInsert[str]
MakeInsert = Callable[[Table], sqlite.Insert] | Callable[[Table], postgresql.Insert]
Statement = Mapping[str, Insert]
"""Dialect → the statement. Built once: building a statement takes ten times as long as running it."""


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
WARNING_WITHDRAWN = _set_once(warnings, "id", "withdrawn")
STEP_IN_TIME = _set_once(steps, "task", "on_time")


def write(connection: Connection, statement: Statement, row: Mapping[str, Any]) -> bool:
    """Runs one of the statements of this module; false if it contradicts what is known, and nothing was written.

    Args:
        connection: inside a transaction.
        statement: such as :data:`MESSAGE`.
        row: column → value, for the columns that the statement writes.
    """
    result = connection.execute(statement[connection.dialect.name], row)
    return result.first() is not None if result.returns_rows else True
