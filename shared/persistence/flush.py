"""How a transaction ends: what was put off, the events, and a number if one was drawn, with as little talk as possible.

Others may wait for this transaction's locks, and each round trip more is time that they wait. PostgreSQL gets all of it as one
statement; SQLite, where a statement costs no round trip, one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql import Executable

from shared.messaging.event import Event
from shared.messaging.outbox import POSTGRESQL, Outgoing, for_postgresql, outgoing, write_in_turn
from shared.persistence.sequence import DeferredNumber
from shared.persistence.sql import (
    CompiledStatement,
    compile_insert,
    compile_statement,
    execute_autocommit,
    execute_text,
)

DeferredWrites = Mapping[Executable, Sequence[Mapping[str, Any]]]
"""Writes that were put off: the rows of each statement."""

_NUMBER = "drawn (last) AS ({draw}), number (text) AS (SELECT lpad(last::text, greatest(%(digits)s, length(last::text)), '0') FROM drawn)"
_NUMBERED = "replace(%({name})s::text, %(mark)s, (SELECT text FROM number))"


def run_deferred(connection: Connection, later: DeferredWrites, draw: DeferredNumber | None) -> None:
    """Runs what was put off, statement by statement; a number that was drawn is had first."""
    if draw is not None:
        draw.now(connection)
    for statement, rows in later.items():
        connection.execute(statement, [draw.substitute_row(row) for row in rows] if draw is not None else rows)


def flush_transaction(
    connection: Connection,
    later: DeferredWrites,
    events: Sequence[Event],
    written_at: datetime,
    draw: DeferredNumber | None = None,
) -> None:
    """Writes what was put off, the number and the events.

    Args:
        connection: inside the transaction that holds the effect.
        later: what was put off.
        events: what happened, in order.
        written_at: real time, for the age of the oldest event.
        draw: the transaction's number; has it afterwards.
    """
    beside = _beside(connection, later)
    if len(beside) < len(later):  # some must go on their own, and they may need the number
        run_deferred(connection, {one: rows for one, rows in later.items() if one not in beside}, draw)
    if connection.dialect.name == "postgresql":
        _end_at_once(connection, list(beside.values()), outgoing(events) if events else None, written_at, draw)
        return
    if draw is not None:
        draw.now(connection)
    if events:
        write_in_turn(connection, _with_number(outgoing(events), draw), written_at)


def _beside(connection: Connection, later: DeferredWrites) -> dict[Executable, CompiledStatement]:
    """Those of the writes that can be part of one statement with others."""
    found: dict[Executable, CompiledStatement] = {}
    for statement, rows in later.items():
        if len(rows) == 1:
            insert = compile_insert(connection.dialect, statement, rows[0], f"w{len(found)}_")
            if insert is not None:
                found[statement] = insert
    return found


def _with_number(events: Outgoing, draw: DeferredNumber | None) -> Outgoing:
    if draw is None:
        return events
    return Outgoing(
        [draw.substitute_row(row) for row in events.counts], [draw.substitute_row(row) for row in events.rows]
    )


def _end_at_once(
    connection: Connection,
    beside: Sequence[CompiledStatement],
    events: Outgoing | None,
    written_at: datetime,
    draw: DeferredNumber | None,
) -> None:
    values: dict[str, Any] = for_postgresql(events, written_at) if events else {}
    for insert in beside:
        values |= insert.values
    texts = tuple(insert.text for insert in beside)
    if draw is not None and not draw.number:
        _draw_and_write(connection, draw, texts, events is not None, values)
        return
    if draw is not None:
        values = draw.substitute_row(values)
    if events is not None:
        execute_autocommit(connection, _one_statement(texts, True), values)
        return
    for insert in beside:
        execute_text(connection, insert.text, {name: values[name] for name in insert.values})


def _draw_and_write(
    connection: Connection, draw: DeferredNumber, beside: tuple[str, ...], with_events: bool, values: Mapping[str, Any]
) -> None:
    drawing = compile_statement(connection.dialect, draw.statement, draw.parameters, "n_")
    if drawing is None:
        raise ValueError("a number is drawn by a statement with no values of its own")
    text = _one_statement(beside, with_events, drawing.text, draw.columns_with_placeholder(values))
    rows = execute_autocommit(
        connection, text, {**values, **drawing.values, "mark": draw.placeholder, "digits": draw.digits}
    )
    draw.number = rows[0][0]


@lru_cache(maxsize=256)
def _one_statement(beside: tuple[str, ...], with_events: bool, draw: str = "", marked: tuple[str, ...] = ()) -> str:
    """Many statements as one; each is a constant of its module, so this is one too, and the driver prepares it.

    Args:
        beside: plain INSERTs.
        with_events: whether events are written.
        draw: what raises a counter and returns it; without it there must be events.
        marked: names of the values in which the number takes the place of its mark.
    """
    parts = [f"written{place} AS ({text})" for place, text in enumerate(beside)]
    last = POSTGRESQL if with_events else ""
    for name in marked:
        numbered = _NUMBERED.format(name=name)
        parts = [part.replace(f"%({name})s", numbered) for part in parts]
        last = last.replace(f"%({name})s", numbered)
    if not draw:
        return f"WITH {', '.join([*parts, last])}"
    with_ = f"WITH {', '.join([_NUMBER.format(draw=draw), *parts])}"
    return f"{with_}, {last} RETURNING (SELECT text FROM number)" if with_events else f"{with_} SELECT text FROM number"
