from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from shared.plugin_sdk.devtools.process_group import alive, descendants
from tests.support.postgres import PostgresServer
from tests.support.processes import ProcessEnded, listening


def test_fresh_database_is_empty_and_usable(pg_url: str) -> None:
    engine = create_engine(pg_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE dossier (code text PRIMARY KEY)"))
        connection.execute(text("INSERT INTO dossier VALUES ('hồ sơ')"))
        assert connection.scalar(text("SELECT code FROM dossier")) == "hồ sơ"
        assert connection.scalar(text("SHOW server_encoding")) == "UTF8"
    engine.dispose()


def test_databases_do_not_see_each_other(postgres: PostgresServer) -> None:
    one, other = postgres.create_database("one"), postgres.create_database("other")
    with postgres.connect("one") as connection:
        connection.execute("CREATE TABLE only_here (id int)")
    with postgres.connect("other") as connection:
        assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
    postgres.drop_database(one)
    postgres.drop_database(other)


def test_dropping_ends_the_connections(postgres: PostgresServer) -> None:
    url = postgres.create_database("dropped")
    connection = postgres.connect("dropped")
    postgres.drop_database(url)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        postgres.connect("dropped")


def test_kill_and_restart_keep_what_was_committed() -> None:
    with PostgresServer() as server:
        directory, port = server.directory, server.port
        server.create_database("kept")
        with server.connect("kept") as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
            connection.execute("CREATE TABLE n (i int)")
            connection.execute("INSERT INTO n VALUES (1)")
        unfinished = psycopg.connect(host="127.0.0.1", port=port, user="motcua", dbname="kept")
        unfinished.execute("INSERT INTO n VALUES (2)")
        processes = [server.pid, *descendants(server.pid)]

        server.kill9()
        assert not listening(port)
        assert [pid for pid in processes if alive(pid)] == []

        server.start()
        with server.connect("kept") as connection:
            assert connection.execute("SELECT i FROM n").fetchall() == [(1,)]
        server.stop()
        server.start()
        with server.connect("kept") as connection:
            assert connection.execute("SELECT i FROM n").fetchall() == [(1,)]
        processes = [server.pid, *descendants(server.pid)]
    assert [pid for pid in processes if alive(pid)] == []
    assert not directory.exists()


def test_a_failed_start_gives_the_reason_and_leaves_no_files() -> None:
    server = PostgresServer(settings={"no_such_setting": "1"})
    with pytest.raises(ProcessEnded, match="no_such_setting"), server:
        raise AssertionError("it started")
    assert server.directory != Path()
    assert not server.directory.exists()
