"""Prepared statements by libpq's call: rows, errors and lost connections are those of the driver's cursor."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from shared.persistence.prepared_statement import _PREPARED, MOST_STATEMENTS, run_prepared
from tests.benchmarks.raw import plain_dsn
from tests.support.postgres import PostgresServer

NOW = datetime(2025, 11, 3, 8, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def raw(postgres: PostgresServer) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(plain_dsn(postgres.create_database())) as connection:
        connection.execute("CREATE TABLE kept (id int PRIMARY KEY, name text)")
        connection.commit()
        yield connection


def prepared(raw: psycopg.Connection[Any]) -> int:
    (count,) = raw.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'motcua_%'").fetchone() or (0,)
    raw.rollback()
    return int(count)


def test_values_of_all_kinds_come_back_as_they_were(raw: psycopg.Connection[Any]) -> None:
    text = b"SELECT $1::text, $2::int, $3::bigint, $4::timestamptz, $5::date, $6::bool, $7::text"
    values = ["Bưởi '\\ %", 7, 2**40, NOW, NOW.date(), True, None]
    for _ in range(2):
        (row,) = run_prepared(raw, text, values)
        assert list(row) == values
    assert prepared(raw) == 1
    assert run_prepared(raw, b"SELECT $1::int WHERE false", [1]) == []


def test_a_statement_is_a_transaction_of_its_own(raw: psycopg.Connection[Any]) -> None:
    insert = b"INSERT INTO kept VALUES ($1, $2)"
    assert run_prepared(raw, insert, [1, "stays"]) == ()
    raw.rollback()
    with pytest.raises(psycopg.errors.UniqueViolation, match="kept_pkey"):
        run_prepared(raw, insert, [1, "twice"])
    assert raw.execute("SELECT id, name FROM kept").fetchall() == [(1, "stays")]


def test_it_is_prepared_again_after_the_driver_has_deallocated_everything(raw: psycopg.Connection[Any]) -> None:
    insert = b"INSERT INTO kept VALUES ($1, $2)"
    run_prepared(raw, insert, [1, "before"])
    raw.execute("SELECT 1", prepare=True)
    raw.rollback()
    raw.execute("SELECT 2")  # now the driver deallocates
    raw.rollback()
    assert prepared(raw) == 0
    run_prepared(raw, insert, [2, "after"])
    assert raw.execute("SELECT id FROM kept ORDER BY id").fetchall() == [(1,), (2,)]


def test_a_statement_that_somebody_else_has_prepared_is_the_same_one(raw: psycopg.Connection[Any]) -> None:
    assert run_prepared(raw, b"SELECT $1::int", [1]) == [(1,)]
    _PREPARED.clear()
    assert run_prepared(raw, b"SELECT $1::int", [2]) == [(2,)]
    assert prepared(raw) == 1


def test_other_types_prepare_another_statement_up_to_a_limit(raw: psycopg.Connection[Any]) -> None:
    for value in (1, 2**20, 2**40):
        assert run_prepared(raw, b"SELECT $1 + 0", [value]) == [(value,)]
    assert prepared(raw) == 3
    for number in range(MOST_STATEMENTS + 5):
        assert run_prepared(raw, b"SELECT $1::int + %d" % number, [1]) == [(1 + number,)]
    assert prepared(raw) == MOST_STATEMENTS


@pytest.mark.parametrize("told", [True, False])
def test_a_lost_connection_is_an_operational_error(
    raw: psycopg.Connection[Any], postgres: PostgresServer, told: bool
) -> None:
    run_prepared(raw, b"SELECT $1::int", [1])
    if told:
        with psycopg.connect(raw.info.dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (raw.info.backend_pid,))
    else:
        with socket.socket(fileno=os.dup(raw.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)
    with pytest.raises(psycopg.OperationalError):
        run_prepared(raw, b"SELECT $1::int", [1])
    assert raw.closed
