"""A rollout of the web with a wrong password is not ready, so that it replaces nothing; the broker's is the workers' business."""

from __future__ import annotations

import http.client
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.postgres import PostgresServer
from tests.support.prepared import migrated
from tests.support.processes import Proc, python, wait_port

PASSWORD = "right"


@pytest.fixture(scope="module")
def guarded() -> Iterator[PostgresServer]:
    """A server that asks its role `intake` for a password."""
    with PostgresServer(fsync=False) as server:
        with server.connect() as connection:
            connection.execute(f"CREATE ROLE intake LOGIN PASSWORD '{PASSWORD}'")
            connection.execute("CREATE DATABASE intake OWNER intake")
            (rules,) = connection.execute("SHOW hba_file").fetchone() or ("",)
        server.stop()
        trusting = Path(rules).read_text()
        Path(rules).write_text(f"host all intake 127.0.0.1/32 scram-sha-256\n{trusting}")
        server.start()
        migrated("intake")(address(server).replace("postgresql:", "postgresql+psycopg:"))
        yield server


def address(server: PostgresServer, password: str = PASSWORD) -> str:
    return f"postgresql://intake:{password}@127.0.0.1:{server.port}/intake"


Start = Callable[..., int]


@pytest.fixture
def start(guarded: PostgresServer, spawn_process: Callable[..., Proc], tmp_path: Path) -> Start:
    def start(password: str = PASSWORD, bus: str = "embedded:") -> int:
        """Starts intake's web; returns its port."""
        port = free_port()
        environ = {
            **os.environ,
            "MOTCUA_DATA": str(tmp_path),
            "MOTCUA_PORT": str(port),
            "MOTCUA_BUS_URL": bus,
            "MOTCUA_DATA_KEYS": "k1:of the database that all tests here share",
            "MOTCUA_INTAKE_DB_URL": address(guarded, password),
        }
        wait_port(port, process=spawn_process(python("-m", "shared.cli", "web", "intake"), env=environ))
        return port

    return start


def states(port: int) -> list[int]:
    found = []
    for kind in ("live", "ready"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", f"/intake/health/{kind}")
        found.append(connection.getresponse().status)
        connection.close()
    return found


def test_with_a_wrong_password_of_the_database_the_web_is_live_and_never_ready(start: Start) -> None:
    port = start("wrong")
    assert states(port) == [200, 503]
    assert states(port) == [200, 503]


def test_the_web_needs_no_broker(start: Start) -> None:
    port = start(bus=f"amqp://motcua:wrong@127.0.0.1:{free_port()}/")
    assert states(port) == [200, 200], "filing goes on; the worker with this password is not ready"
