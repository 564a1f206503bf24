"""Runs a prepared statement of PostgreSQL by libpq's own call, for the one statement of which a busy service runs hundreds each second.

The driver's cursor does the same in twice the time: it finds out at each call what kind of query it got, whether it is worth preparing, and
whether a transaction must begin. Here the caller knows. libpq waits without Python's lock, so other threads go on; a signal is handled
after the statement, which `statement_timeout` bounds.

Imported by those who have a PostgreSQL connection only: installations with SQLite need not load psycopg.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import Connection, Error
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import OperationalError, error_from_result
from psycopg.pq import DiagnosticField, ExecStatus

MOST_STATEMENTS = 100
"""Prepared on one connection; more are not needed by constants, and would fill the server's memory."""
GONE, THERE = "26000", "42P05"
"""SQLSTATE: a statement of this name is not prepared, or it is already."""

_GOOD = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})
_PREPARED: WeakKeyDictionary[Connection[Any], dict[tuple[bytes, tuple[int, ...]], bytes]] = WeakKeyDictionary()


def run_prepared(raw: Connection[Any], text: bytes, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """Runs a statement as a transaction of its own.

    Args:
        raw: the driver's connection, which no other thread uses; no transaction has begun on it.
        text: with ``$1``, ``$2`` …; a constant.
        values: in that order.

    Returns:
        its rows, if it has any, as the driver returns them.

    Raises:
        psycopg.Error: of the same kinds that the driver's cursor raises.
    """
    transformer: Any = Transformer(raw)
    parameters = transformer.dump_sequence(values, _formats(len(values)))
    name = _name(raw, text, transformer.types)
    result = raw.pgconn.exec_prepared(name, parameters, transformer.formats)
    if result.status not in _GOOD and _state(result) == GONE:  # the driver deallocates all statements after a rollback
        _PREPARED.pop(raw, None)
        name = _name(raw, text, transformer.types)
        result = raw.pgconn.exec_prepared(name, parameters, transformer.formats)
    if result.status not in _GOOD:
        raise _error(raw, result)
    if not result.nfields:
        return ()
    transformer.set_pgresult(result)
    rows: Sequence[Sequence[Any]] = transformer.load_rows(0, result.ntuples, tuple)
    return rows


@lru_cache(maxsize=64)
def _formats(count: int) -> list[PyFormat]:
    return [PyFormat.AUTO] * count


def _name(raw: Connection[Any], text: bytes, types: tuple[int, ...]) -> bytes:
    """The name of the statement on this connection, prepared if need be; empty, the unnamed one, when there are too many."""
    known = _PREPARED.get(raw)
    if known is None:
        known = _PREPARED[raw] = {}
    name = known.get((text, types))
    if name is None:
        name = _made_name(text, types) if len(known) < MOST_STATEMENTS else b""
        result = raw.pgconn.prepare(name, text, types)
        if result.status not in _GOOD and _state(result) != THERE:
            raise _error(raw, result)
        if name:
            known[text, types] = name
    return name


def _made_name(text: bytes, types: tuple[int, ...]) -> bytes:
    """The same statement always has the same name, and no other has it, whoever has prepared it on this connection of the server."""
    return b"motcua_" + hashlib.sha256(b"%s %s" % (text, repr(types).encode())).hexdigest()[:32].encode()


def _state(result: Any) -> str:
    found: bytes = result.error_field(DiagnosticField.SQLSTATE) or b""
    return found.decode()


def _error(raw: Connection[Any], result: Any) -> Error:
    """The error that the server answered; an operational one if it has gone without an answer."""
    if raw.closed and not _state(result):
        return OperationalError(result.get_error_message(raw.info.encoding))
    return error_from_result(result, raw.info.encoding)
