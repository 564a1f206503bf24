"""Fixtures for all tests: servers, fresh databases and brokers, processes, browser pages, and a clean environment.

Under pytest-xdist every worker has servers of its own, started when its first test needs them: nothing is shared, so a
worker can neither wait for another nor take its server away. A test that kills or alarms a server starts a private one.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from shared.cli import GC_THRESHOLDS
from shared.plugin_sdk.scaffold import scaffold
from tests.support.api_contract import answers_checked
from tests.support.postgres import PostgresServer
from tests.support.prepared import Maker, PreparedDatabases, PreparedFiles
from tests.support.processes import Proc
from tests.support.rabbitmq import RabbitServer
from tests.support.stores import bus_tables

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.browser import PageAt

# a loaded machine makes every property test slow; that is no fault of the test
settings.register_profile("motcua", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("motcua")

FORGOTTEN_BUS_URL = "amqp://you-forgot-to-set-the-bus-url.invalid/"


SLOWEST_FIRST = (
    "faults/test_kills.py",
    "faults/",
    "peak/",
    "shared/plugin_sdk/",
    "support_tests/",
    "shared/web/",
    "shared/national_portal/",
)
"""Files that take long, so that no worker is left alone with one of them while the others have nothing to do."""


def pytest_collection_finish() -> None:
    """All that was imported and collected stays, so the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the slow files first; within them and after them the order stays as it was."""

    def place(item: pytest.Item) -> int:
        path = item.path.as_posix()
        return next((n for n, part in enumerate(SLOWEST_FIRST) if f"/tests/{part}" in path), len(SLOWEST_FIRST))

    items.sort(key=place)


def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("MOTCUA_", "PROMETHEUS_MULTIPROC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MOTCUA_BUS_URL", FORGOTTEN_BUS_URL)


@pytest.fixture(scope="session", autouse=True)
def _environment_of_the_session() -> Iterator[None]:
    """Session fixtures must not see the developer's own settings either."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        _clean_environment(monkeypatch)
        yield


@pytest.fixture(scope="session", autouse=True)
def _bytecode_of_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where nothing compiled may be left in the repository, the many processes that tests start share a place for it.

    Compiling everything takes each of them as long as all the rest of its start.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        if sys.dont_write_bytecode and not sys.pycache_prefix:
            base = tmp_path_factory.getbasetemp()
            shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
            monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
            monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(shared / "bytecode"))
        yield


@pytest.fixture(autouse=True)
def _environment_of_the_test(_environment_of_the_session: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test starts without MOTCUA_* settings, but with a broker's address that tells who forgot to give one."""
    _clean_environment(monkeypatch)


@pytest.fixture(autouse=True)
def answers_as_documented() -> Iterator[list[str]]:
    """Every answer that a test gets from a JSON API in this process is as the service's OpenAPI document says.

    Gives the deviations found so far; a test that means one takes it away.
    """
    with answers_checked() as deviations:
        yield deviations
    assert not deviations, "\n".join(deviations)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The worker's PostgreSQL. Do not stop it; start a `PostgresServer` of your own for that.

    It does not wait for the disk: fresh databases come several times faster, and only a machine that loses power would notice.
    """
    with PostgresServer(fsync=False) as server:
        yield server


@pytest.fixture(scope="session")
def rabbit() -> Iterator[RabbitServer]:
    """The worker's RabbitMQ. Do not stop or alarm it; start a `RabbitServer` of your own for that."""
    with RabbitServer() as server:
        yield server


@pytest.fixture
def pg_url(postgres: PostgresServer) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh PostgreSQL database."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="session")
def prepared_files(tmp_path_factory: pytest.TempPathFactory) -> PreparedFiles:
    """The worker's SQLite files with tables."""
    return PreparedFiles(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="session")
def prepared_databases(postgres: PostgresServer) -> Iterator[PreparedDatabases]:
    """The worker's PostgreSQL databases with tables."""
    databases = PreparedDatabases(postgres)
    yield databases
    databases.close()


@pytest.fixture
def ready_file(prepared_files: PreparedFiles, tmp_path: Path) -> Callable[[Maker], str]:
    """Gives the URL of an SQLite file with tables: ``ready_file(migrated("routing"))``."""
    return lambda make: prepared_files.copy(make, tmp_path / "store.db")


@pytest.fixture
def ready_database(prepared_databases: PreparedDatabases) -> Iterator[Callable[[Maker], str]]:
    """Gives the URL of a PostgreSQL database with tables: ``ready_database(migrated("routing"))``."""
    with ExitStack() as stack:

        def lend(make: Maker) -> str:
            url = prepared_databases.lend(make)
            stack.callback(prepared_databases.take_back, url)
            return url

        yield lend


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_store(request: pytest.FixtureRequest) -> Callable[[Maker], str]:
    """Either of the two; the test runs once for each kind of store."""
    given: Callable[[Maker], str] = request.getfixturevalue(
        "ready_file" if request.param == "sqlite" else "ready_database"
    )
    return given


@pytest.fixture
def bus_store_url(ready_store: Callable[[Maker], str]) -> str:
    """The URL of a database for `bus_store`; the test runs once for each kind of store."""
    return ready_store(bus_tables)


@pytest.fixture
def rabbit_url(rabbit: RabbitServer) -> Iterator[str]:
    """The AMQP URL of a fresh virtual host."""
    url = rabbit.create_vhost()
    yield url
    rabbit.delete_vhost(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The SQLAlchemy URL of a fresh database; the test runs once for each kind of store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return str(request.getfixturevalue("pg_url"))


@pytest.fixture(params=["embedded", "rabbitmq"])
def bus_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh bus; the test runs once for each adapter."""
    if request.param == "embedded":
        return f"embedded:{tmp_path}/bus.db"
    return str(request.getfixturevalue("rabbit_url"))


@pytest.fixture
def spawn_process(tmp_path: Path) -> Iterator[Callable[..., Proc]]:
    """Starts processes: ``spawn_process(args, env=…)``. They log below tmp_path, and end with the test."""
    with ExitStack() as stack:
        count = 0

        def spawn(args: list[str], **options: object) -> Proc:
            nonlocal count
            count += 1
            options.setdefault("log", tmp_path / f"process-{count}.log")
            return stack.enter_context(Proc(args, **options))  # type: ignore[arg-type]

        yield spawn


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The worker's Chromium."""
    # Imported here: most runs need no browser, and Playwright is slow to import.
    from tests.support.browser import running_browser

    with running_browser() as running:
        yield running


@pytest.fixture
def page_at(browser: Browser) -> Iterator[PageAt]:
    """Opens pages of a given width in CSS pixels: ``page_at(360)``, ``page_at(1280, height=720)``."""
    from tests.support.browser import pages

    with pages(browser) as maker:
        yield maker


@pytest.fixture(scope="session")
def installed_node_sdk(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """Gives a scaffolded Node service the packages it names, fetched once for the session."""
    base = tmp_path_factory.mktemp("node-packages")
    scaffold("H12.14.01", "node", base)
    quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    subprocess.run(["npm", "install", *quiet], cwd=base, check=True, timeout=180)

    def install(directory: Path) -> None:
        (directory / "node_modules").symlink_to(base / "node_modules", target_is_directory=True)

    return install
