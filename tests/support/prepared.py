"""Databases with tables for tests. Creating the tables takes longer than most tests, so it is done once.

An SQLite file is copied. A PostgreSQL database is lent to a test and gets its first rows again before it is lent again: a new one would be
a thousand files.
"""

from __future__ import annotations

import shutil
import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from services.registry import find_service
from shared.persistence.migrations import migrate
from shared.persistence.store import Store
from tests.support.postgres import PostgresServer

Maker = Callable[[str], None]
"""Makes tables, with the rows that every test begins with, in the empty database of an SQLAlchemy URL. The same object makes the same."""

RESTING = 2
"""The number of returned databases of a kind that wait before one is lent again, so that the connections of its last test have ended."""

KEPT = """
CREATE SCHEMA lent;
CREATE TABLE lent.place AS
    SELECT seqrelid::regclass::text AS sequence, coalesce(pg_sequence_last_value(seqrelid), seqstart) AS last,
        pg_sequence_last_value(seqrelid) IS NOT NULL AS used
    FROM pg_sequence;
"""
"""Beside copies of the first rows: where the sequences stand."""

WATCH = """
CREATE TABLE lent.change (command text);
CREATE FUNCTION lent.note() RETURNS event_trigger LANGUAGE plpgsql
    AS $$ BEGIN INSERT INTO lent.change VALUES (tg_tag); END $$;
CREATE EVENT TRIGGER note_change ON ddl_command_end EXECUTE FUNCTION lent.note();
"""
"""A database in which a test has changed the tables themselves is not lent again."""

FILLED = """
SELECT table_.oid::regclass::text, pg_relation_size(table_.oid)
FROM pg_class table_ JOIN pg_namespace schema_ ON schema_.oid = table_.relnamespace
WHERE schema_.nspname = 'public' AND table_.relkind = 'r' AND table_.relname <> 'alembic_version'
    AND pg_relation_size(table_.oid) > 0
"""

RESTART = "SELECT setval(sequence::regclass, last, used) FROM lent.place"

KEPT_TABLES = """
SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'lent'::regnamespace AND relkind = 'r' AND relname NOT IN ('place', 'change')
"""

LARGE = 128 * 1024
"""Bytes from which a table is truncated: deleted rows stay in it until then."""


@cache
def migrated(service: str) -> Maker:
    """Makes a service's tables, by its migrations."""

    def make(url: str) -> None:
        store = Store(url, service)
        migrate(store.engine, find_service(service).migrations().location)
        store.close()

    return make


class PreparedFiles:
    """SQLite files with tables.

    Args:
        directory: for the files that are copied.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._made: dict[Maker, Path] = {}

    def copy(self, make: Maker, path: Path) -> str:
        """The URL of a new file with the tables that `make` makes."""
        if make not in self._made:
            made = self._directory / f"{len(self._made)}.db"
            make(f"sqlite:///{made}")
            self._made[make] = made
        shutil.copyfile(self._made[make], path)
        return f"sqlite:///{path}"


class PreparedDatabases:
    """PostgreSQL databases with tables, each lent to one test at a time, under a new name.

    A thread that outlives its test still has the old name, and finds no database there.

    Args:
        server: the server of the databases, which are dropped with it. It must not be stopped meanwhile.
    """

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._administrator = server.connect()
        self._free: defaultdict[Maker, deque[str]] = defaultdict(deque)
        self._lent: dict[str, Maker] = {}

    def close(self) -> None:
        """Closes the connection to the server; no database can be lent afterwards."""
        self._administrator.close()

    def lend(self, make: Maker) -> str:
        """The URL of a database with the tables and rows that `make` makes."""
        free = self._free[make]
        url = self._used(free.popleft()) if len(free) > RESTING else None
        url = url or self._made(make)
        self._lent[url] = make
        return url

    def take_back(self, url: str) -> None:
        """Ends a loan, and the connections to the database."""
        self._end_connections(url)
        self._free[self._lent.pop(url)].append(url)

    def _made(self, make: Maker) -> str:
        url = self._server.create_database()
        make(url)
        with self._server.connect(_name(url)) as connection:
            filled = connection.execute(FILLED).fetchall()
            connection.execute(KEPT)
            for table, _ in filled:
                connection.execute(f"CREATE TABLE lent.{table} AS TABLE {table}".encode())
            connection.execute(WATCH)
        return url

    def _used(self, url: str) -> str | None:
        """A database with its first rows under a new name; None if a test has changed its tables."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._end_connections(url)
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        self._administrator.execute(rename.format(sql.Identifier(_name(url)), sql.Identifier(name)))
        with self._server.connect(name) as connection:
            changed = connection.execute("SELECT count(*) FROM lent.change").fetchone() != (0,)
            if not changed:
                _begin_again(connection)
        if changed:
            self._server.drop_database(self._server.url(name))
            return None
        return self._server.url(name)

    def _end_connections(self, url: str) -> None:
        self._administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [_name(url)]
        )


def _begin_again(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    filled = connection.execute(FILLED).fetchall()
    kept = connection.execute(KEPT_TABLES).fetchall()
    with connection.transaction():
        # replica: foreign keys are not checked, so the order does not matter
        connection.execute("SET LOCAL session_replication_role = replica")
        for table, size in filled:
            way = "TRUNCATE {} CASCADE" if int(str(size)) > LARGE else "DELETE FROM {}"
            connection.execute(way.format(table).encode())
        for (table,) in kept:
            connection.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE lent.{table}".encode())
    connection.execute(RESTART)


def _name(url: str) -> str:
    return make_url(url).database or ""
