"""Lent databases have their tables and the rows of their beginning, whatever earlier tests did to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.support.postgres import PostgresServer
from tests.support.prepared import LARGE, RESTING, PreparedDatabases, PreparedFiles, migrated

ROUNDS = RESTING + 2
"""After this number of loans in sequence, the first database has been lent twice."""


@pytest.fixture
def databases(postgres: PostgresServer) -> Iterator[PreparedDatabases]:
    made = PreparedDatabases(postgres)
    yield made
    made.close()


class Tables:
    """Makes two tables and counts its calls."""

    def __init__(self, server: PostgresServer, further: str = "") -> None:
        self.server = server
        self.further = further
        self.times = 0

    def __call__(self, url: str) -> None:
        self.times += 1
        with into(self.server, url) as connection:
            connection.execute("CREATE TABLE dossier (id bigserial PRIMARY KEY, code text NOT NULL)")
            connection.execute("CREATE TABLE step (dossier bigint NOT NULL REFERENCES dossier)")
            if self.further:
                connection.execute(self.further.encode())


def into(server: PostgresServer, url: str) -> psycopg.Connection[tuple[object, ...]]:
    return server.connect(make_url(url).database or "")


def fill(server: PostgresServer, url: str, code: str = "A") -> tuple[object, ...]:
    """Adds a dossier with a step; returns its number and the numbers of dossiers and steps before."""
    with into(server, url) as connection:
        before = connection.execute("SELECT (SELECT count(*) FROM dossier), (SELECT count(*) FROM step)").fetchone()
        number = connection.execute("INSERT INTO dossier (code) VALUES (%s) RETURNING id", [code]).fetchone()
        assert number
        assert before
        connection.execute("INSERT INTO step VALUES (%s)", number)
        return (*number, *before)


@pytest.mark.parametrize("code", ["A", "A" * 100], ids=["small", "large"])
def test_a_database_is_made_a_few_times_and_is_empty_each_time(
    postgres: PostgresServer, databases: PreparedDatabases, code: str
) -> None:
    tables = Tables(postgres)
    urls = []
    for _ in range(2 * ROUNDS):
        url = databases.lend(tables)
        urls.append(url)
        assert fill(postgres, url) == (1, 0, 0)
        if len(code) > 1:
            with into(postgres, url) as connection:
                connection.execute("INSERT INTO dossier (code) SELECT %s FROM generate_series(1, %s)", [code, 2000])
                size = connection.execute("SELECT pg_relation_size('dossier')").fetchone()
                assert size
                assert int(str(size[0])) > LARGE
        databases.take_back(url)
    assert tables.times == RESTING + 1
    assert len(set(urls)) == len(urls)


def test_databases_lent_at_the_same_time_are_different(postgres: PostgresServer, databases: PreparedDatabases) -> None:
    tables = Tables(postgres)
    urls = [databases.lend(tables) for _ in range(3)]
    assert [fill(postgres, url) for url in urls] == [(1, 0, 0)] * 3


def test_open_connections_end_with_the_loan(postgres: PostgresServer, databases: PreparedDatabases) -> None:
    tables = Tables(postgres)
    url = databases.lend(tables)
    late = into(postgres, url)
    late.execute("SELECT 1")
    databases.take_back(url)
    with pytest.raises(psycopg.OperationalError):
        late.execute("SELECT 1")
    for _ in range(ROUNDS):
        databases.take_back(databases.lend(tables))
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        into(postgres, url)


@pytest.mark.parametrize(
    "change", ["DROP TABLE step", "ALTER TABLE step ADD note text", "CREATE INDEX ON step (dossier)"]
)
def test_a_database_with_changed_tables_is_not_lent_again(
    postgres: PostgresServer, databases: PreparedDatabases, change: str
) -> None:
    tables = Tables(postgres)
    first = databases.lend(tables)
    with into(postgres, first) as connection:
        connection.execute(change.encode())
    databases.take_back(first)
    for _ in range(2 * ROUNDS):
        url = databases.lend(tables)
        with into(postgres, url) as connection:
            columns = connection.execute("SELECT * FROM step").description
            indexes = connection.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'step'").fetchone()
        assert [column.name for column in columns or ()] == ["dossier"]
        assert indexes == (0,)
        databases.take_back(url)
    assert tables.times == RESTING + 2


def test_rows_of_the_beginning_are_there_again_in_each_loan(
    postgres: PostgresServer, databases: PreparedDatabases
) -> None:
    tables = Tables(postgres, "INSERT INTO dossier (code) VALUES ('A'), ('B'); INSERT INTO step VALUES (2)")
    for _ in range(2 * ROUNDS):
        url = databases.lend(tables)
        assert fill(postgres, url) == (3, 2, 1)
        with into(postgres, url) as connection:
            connection.execute("DELETE FROM step")
            connection.execute("UPDATE dossier SET code = 'C'")
        databases.take_back(url)
    with into(postgres, databases.lend(tables)) as connection:
        assert connection.execute("SELECT id, code FROM dossier ORDER BY id").fetchall() == [(1, "A"), (2, "B")]
        assert connection.execute("SELECT dossier FROM step").fetchall() == [(2,)]
    assert tables.times == RESTING + 1


def test_files_are_made_once_and_do_not_see_each_other(tmp_path: Path) -> None:
    times: list[str] = []

    def make(url: str) -> None:
        times.append(url)
        migrated("rating")(url)

    files = PreparedFiles(tmp_path)
    urls = [files.copy(make, tmp_path / name) for name in ("one.db", "other.db")]
    assert urls == [f"sqlite:///{tmp_path}/one.db", f"sqlite:///{tmp_path}/other.db"]
    assert len(times) == 1
    contents = {Path(url.removeprefix("sqlite:///")).read_bytes() for url in (*urls, *times)}
    assert len(contents) == 1
    assert b"alembic_version" in contents.pop()
