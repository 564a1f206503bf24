"""Writes a transaction's deferred rows, its events and one gapless number in a single statement on PostgreSQL.

Problem: every filing takes the next number of its agency and day. The counter's row stays locked until the commit, so all other filings
of the agency wait for each round trip that follows. Here the statement that takes the number also inserts the dossier, its events and the
idempotency key, and it is the whole transaction: one round trip, no BEGIN, no COMMIT. Until it runs, a random placeholder stands for the
number in rows and events; PostgreSQL replaces it. SQLite has no round trips, so there the statements run one after the other.

Measured with tests/benchmarks/test_intake_speed.py: it is the largest part of the step from 0.37 to 0.54 of a bare Flask app with one
INSERT. PostgreSQL spends 0.28 ms instead of 0.43 on a filing, the process 0.8 ms instead of 1.15.

When not to use it: only filing needs a deferred number. Elsewhere call :meth:`UnitOfWork.execute`. Deferring single writes without reading
their result (:meth:`UnitOfWork.defer`) is safe everywhere, but saves something only where transactions are short and many.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Executable

from shared.messaging import outbox
from shared.messaging.event import Event
from shared.runtime.random_bytes import random_hex

DeferredWrites = Mapping[Executable, Sequence[Mapping[str, Any]]]
"""Deferred statements with their rows. Each statement is a constant of its module, so that it is compiled once."""

_TAKE_NUMBER = (
    "taken (last) AS ({increment}), "
    "number (text) AS (SELECT lpad(last::text, greatest(%(digits)s, length(last::text)), '0') FROM taken)"
)
_WITH_NUMBER = "replace(%({name})s::text, %(placeholder)s, (SELECT text FROM number))"


class DeferredNumber:
    """A gapless number that the database gives as late as possible.

    Args:
        increment: raises a counter and returns it, in one row and one column; a constant of its module.
        parameters: its values.
        digits: the number's least width; it is padded with zeros.

    Attributes:
        placeholder: stands where the number will be; random, so that no user's text contains it.
        text: the number as it is written; empty until the database has given it.
    """

    def __init__(self, increment: Executable, parameters: Mapping[str, Any], digits: int) -> None:
        self.increment = increment
        self.parameters = parameters
        self.digits = digits
        self.placeholder = random_hex(16)
        self.text = ""

    def take(self, connection: Connection) -> None:
        """Takes the number by a statement of its own, unless it has been taken."""
        if not self.text:
            number = connection.execute(self.increment, self.parameters).scalar_one()
            self.text = f"{number:0{self.digits}d}"

    def substitute(self, text: str) -> str:
        """Replaces the placeholder in a text by the number.

        Raises:
            RuntimeError: the text has the placeholder, and the database has not given the number yet.
        """
        if not self.text and self.placeholder in text:
            raise RuntimeError("the number is not known before the transaction ends")
        return text.replace(self.placeholder, self.text)

    def substitute_row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Replaces the placeholder in all texts of a row."""
        return {name: self.substitute(value) if isinstance(value, str) else value for name, value in row.items()}


def flush(connection: Connection, writes: DeferredWrites, number: DeferredNumber | None) -> None:
    """Runs deferred writes statement by statement; takes the number first, if there is one."""
    if number is not None:
        number.take(connection)
    for statement, rows in writes.items():
        connection.execute(statement, [number.substitute_row(row) for row in rows] if number is not None else rows)


def flush_for_commit(
    connection: Connection,
    writes: DeferredWrites,
    events: Sequence[Event],
    written_at: datetime,
    number: DeferredNumber | None = None,
) -> None:
    """Writes everything that a transaction deferred, as its last action.

    Args:
        connection: inside the transaction that holds the effect.
        writes: the deferred writes.
        events: what happened, in order.
        written_at: real time, for the age of the oldest event.
        number: the transaction's number; its text is set afterwards.
    """
    number_pending = number is not None and not number.text
    if connection.dialect.name != "postgresql" or not (events or number_pending):
        flush(connection, writes, number)
        if events:
            outbox.write_row_by_row(connection, _with_number(outbox.prepare(events), number), written_at)
        return
    inserts = _plain_inserts(connection.dialect, writes)
    others = {statement: rows for statement, rows in writes.items() if statement not in inserts}
    if others:
        flush(connection, others, number)
    written = outbox.postgresql_insert(outbox.prepare(events), written_at) if events else None
    values = written.values if written is not None else {}
    for insert in inserts.values():
        values |= insert.values
    texts = tuple(insert.text for insert in inserts.values())
    _write_at_once(connection, texts, "" if written is None else written.text, values, number)


def _with_number(prepared: outbox.PreparedEvents, number: DeferredNumber | None) -> outbox.PreparedEvents:
    if number is None:
        return prepared
    counts, rows = ([number.substitute_row(row) for row in part] for part in (prepared.counts, prepared.rows))
    return outbox.PreparedEvents(counts, rows)


def _write_at_once(
    connection: Connection,
    inserts: tuple[str, ...],
    events: str,
    values: dict[str, Any],
    number: DeferredNumber | None,
) -> None:
    if number is None or number.text:
        values = number.substitute_row(values) if number is not None else values
        execute_as_transaction(connection, _compose(inserts, events), values)
        return
    increment = _render(connection.dialect, number.increment, number.parameters, "n_")
    if increment is None:
        raise ValueError("the statement that takes a number must not have values of its own")
    replaced = tuple(name for name, value in values.items() if isinstance(value, str) and number.placeholder in value)
    text = _compose(inserts, events, increment.text, replaced)
    values |= {**increment.values, "placeholder": number.placeholder, "digits": number.digits}
    number.text = execute_as_transaction(connection, text, values)[0][0]  # one row for each event, each with the number


@lru_cache(maxsize=256)
def _compose(inserts: tuple[str, ...], events: str, increment: str = "", replaced: tuple[str, ...] = ()) -> str:
    """Composes one WITH statement. Its parts are constants, so the result is one too, and the driver prepares it.

    Args:
        inserts: plain INSERTs.
        events: what writes the events; empty without them, when there must be a number.
        increment: raises a counter and returns it; empty when there is no number to take.
        replaced: names of the values in which the number replaces its placeholder.
    """
    parts = [f"written{position} AS ({text})" for position, text in enumerate(inserts)]
    last = events
    for name in replaced:
        with_number = _WITH_NUMBER.format(name=name)
        parts = [part.replace(f"%({name})s", with_number) for part in parts]
        last = last.replace(f"%({name})s", with_number)
    if not increment:
        return f"WITH {', '.join([*parts, last])}"
    with_ = f"WITH {', '.join([_TAKE_NUMBER.format(increment=increment), *parts])}"
    return f"{with_}, {last} RETURNING (SELECT text FROM number)" if events else f"{with_} SELECT text FROM number"


@dataclass(frozen=True, slots=True)
class _Rendered:
    """A statement as the driver takes it: text with ``%(name)s`` where a value goes, and the values by name."""

    text: str
    values: dict[str, Any]


def _plain_inserts(dialect: Dialect, writes: DeferredWrites) -> dict[Executable, _Rendered]:
    """The writes that can be part of one statement: INSERTs of one row without ON CONFLICT or RETURNING.

    The parts of one statement do not see each other's rows, so an ON CONFLICT would miss some.
    """
    found: dict[Executable, _Rendered] = {}
    for statement, rows in writes.items():
        if not isinstance(statement, Insert) or len(rows) != 1:
            continue
        if statement._post_values_clause is not None or statement._returning:
            continue
        rendered = _render(dialect, statement, rows[0], f"w{len(found)}_")
        if rendered is not None:
            found[statement] = rendered
    return found


def _render(dialect: Dialect, statement: Executable, row: Mapping[str, Any], prefix: str) -> _Rendered | None:
    """Renders a statement without SQLAlchemy's work at each use, which takes three times as long as the driver's.

    Args:
        dialect: PostgreSQL's.
        statement: a constant of its module.
        row: its values; the same names at every use.
        prefix: put before the names of the values, so that several statements can become one.

    Returns:
        None when only SQLAlchemy can run it, because it has values or defaults of its own.
    """
    compiled = _compile(dialect, statement, tuple(row), prefix)
    if compiled is None:
        return None
    text, parameters = compiled
    values = {
        prefixed: convert(row[name]) if convert is not None else row[name] for name, prefixed, convert in parameters
    }
    return _Rendered(text, values)


_Parameters = tuple[tuple[str, str, Callable[[Any], Any] | None], ...]
"""For each value: its name in the row, its name in the text, and what converts it for the driver."""


@lru_cache(maxsize=256)
def _compile(
    dialect: Dialect, statement: Executable, names: tuple[str, ...], prefix: str
) -> tuple[str, _Parameters] | None:
    compiled: Any = cast(Any, statement).compile(dialect=dialect, column_keys=list(names))
    if set(compiled.params) != set(names):
        return None
    text = str(compiled).replace("%(", f"%({prefix}")
    return text, tuple((name, f"{prefix}{name}", compiled._bind_processors.get(name)) for name in names)


def execute_as_transaction(connection: Connection, text: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """Runs PostgreSQL's SQL as the last statement of a transaction, by the driver alone.

    If it is also the first, it goes without BEGIN and COMMIT: one round trip instead of three.

    Returns:
        its rows, if it has any, as the driver returns them.

    Raises:
        sqlalchemy.exc.DBAPIError: of the same kinds that SQLAlchemy raises.
    """
    raw: Any = connection.connection.driver_connection
    driver: Any = connection.dialect.dbapi  # not imported: installations with SQLite only need not load psycopg
    try:
        return _execute(connection, raw, driver, text, values)
    except driver.Error as error:
        if raw.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(
            text,
            None,
            error,
            driver.Error,
            hide_parameters=True,
            connection_invalidated=raw.closed,
            dialect=connection.dialect,
        ) from error


def _execute(connection: Connection, raw: Any, driver: Any, text: str, values: Mapping[str, Any]) -> Sequence[Any]:
    alone = raw.pgconn.transaction_status == driver.pq.TransactionStatus.IDLE
    numbered, names = _number_values(text)
    if numbered and alone:
        from shared.persistence.prepared_statement import run_prepared

        return run_prepared(raw, numbered, [values[name] for name in names])
    if numbered:
        cursor = driver.RawCursor(raw)
        return _rows(cursor.execute(numbered, [values[name] for name in names]))
    if not alone:
        return _rows(raw.execute(text, values))
    raw.autocommit = True  # so that the driver sends no BEGIN
    try:
        return _rows(raw.execute(text, values))
    finally:
        if raw.pgconn.transaction_status == driver.pq.TransactionStatus.IDLE:
            raw.autocommit = False
        elif not raw.closed:  # interrupted: the next user of the connection must not get autocommit
            connection.invalidate()


def _rows(cursor: Any) -> Sequence[Any]:
    """The rows of a statement, if it has any; `nfields` is faster than `description`, which describes the columns."""
    return cast(Sequence[Any], cursor.fetchall()) if cursor.pgresult.nfields else ()


_VALUE = re.compile(r"%%|%\((\w+)\)s")


@lru_cache(maxsize=256)
def _number_values(text: str) -> tuple[bytes, tuple[str, ...]]:
    """A text with ``$1``, ``$2`` … in place of ``%(name)s``, as PostgreSQL takes it, and the names in that order.

    The driver would do this at each use for a text with more than 50 values or 4,096 characters, and that takes as long as the rest.
    An empty text where a value has a format of its own (``%(name)b``), which only the driver knows to give.
    """
    names: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        name = found.group(1)
        return "%" if name is None else f"${names.setdefault(name, len(names) + 1)}"

    result = _VALUE.sub(numbered, text)
    return (b"", ()) if "%(" in result else (result.encode(), tuple(names))
