"""A private PostgreSQL server for tests, with its own data and port; a test may kill it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, LiteralString, Self

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from shared.plugin_sdk.devtools.process_group import descendants, kill_and_wait, process_reaper, server_account, spawn
from shared.plugin_sdk.devtools.temp_resources import free_port, temp_directory
from tests.support.processes import ProcessEnded, wait_until

OWNER = "motcua"
NEVER_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def binary(name: str) -> str:
    """The path of a PostgreSQL program, from Debian's versioned folders (the newest) or PATH.

    Raises:
        FileNotFoundError: PostgreSQL is not installed.
    """
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(versions, key=lambda path: int(path.parts[4]), default=None)
    found = str(newest) if newest else shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} not found: install PostgreSQL's server (Debian: apt-get install postgresql)")
    return found


class PostgresServer:
    """A context manager; the server runs inside the block and its data is gone afterwards.

    Args:
        fsync: whether a commit waits for the disk, as in production. Killing the server loses nothing either way; only
            a machine that loses power would.
        settings: further settings of postgresql.conf, such as ``{"max_connections": "20"}``.
    """

    def __init__(self, *, fsync: bool = True, settings: Mapping[str, str] | None = None) -> None:
        self._settings = {
            "listen_addresses": "127.0.0.1",
            "max_connections": "200",
            **({} if fsync else NEVER_DURABLE),
            # In the data directory, so that a killed server leaves nothing in /dev/shm.
            "dynamic_shared_memory_type": "mmap",
            "logging_collector": "off",
            **(settings or {}),
        }
        self._account = server_account("postgres")
        self._stack = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.directory = Path()

    def __enter__(self) -> Self:
        self.directory = self._stack.enter_context(temp_directory("postgres", self._account))
        self.port = free_port()
        try:
            self._initialise()
            self.start()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.directory / "log"

    @property
    def pid(self) -> int:
        """The postmaster's process id.

        Raises:
            RuntimeError: the server does not run.
        """
        return self._running().pid

    def start(self) -> None:
        """Starts the server, with recovery after a kill, and waits until it answers.

        Raises:
            ProcessEnded: it did not start; the message has its log.
        """
        options = {**self._settings, "port": str(self.port), "unix_socket_directories": str(self.directory)}
        self._process = spawn(
            [binary("postgres"), "-D", str(self._data), *(f"--{name}={value}" for name, value in options.items())],
            log=self.log,
            env=self._environment(),
            cwd=self.directory,
            account=self._account,
            stop_signal=signal.SIGQUIT,
        )
        wait_until(self._answers, timeout=60, what="PostgreSQL's start")

    def stop(self) -> None:
        """Stops the server cleanly and ends its connections."""
        self._end(signal.SIGINT)

    def kill9(self) -> None:
        """Kills the server and all its backends with SIGKILL, as if the machine had stopped."""
        process = self._running()
        backends = descendants(process.pid)
        process.kill()
        # A surviving backend would keep the shared memory, and the next start would fail.
        kill_and_wait(backends)
        self._ended(process)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database of this server."""
        return f"postgresql+psycopg://{OWNER}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str | None = None) -> str:
        """Creates an empty database and returns its SQLAlchemy URL.

        Args:
            name: a name of one's own; a unique one by default.
        """
        name = name or f"test_{uuid.uuid4().hex[:12]}"
        self._administer("CREATE DATABASE {}", name)
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drops a database made by ``create_database``, ending the connections to it."""
        self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", make_url(url).database or "")

    def connect(self, database: str = "postgres", **options: Any) -> psycopg.Connection[Any]:
        """A psycopg connection in autocommit mode, for administration by a test."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=OWNER,
            dbname=database,
            autocommit=True,
            connect_timeout=10,
            **options,
        )

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def _environment(self) -> dict[str, str]:
        # Without the caller's PG* variables, which could select another server.
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.directory)}

    def _initialise(self) -> None:
        command = [binary("initdb"), "-D", str(self._data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync"]
        done = subprocess.run(
            [*command, "--locale=C.UTF-8", "--no-instructions"],
            capture_output=True,
            text=True,
            env=self._environment(),
            cwd=self.directory,
            user=self._account,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _answers(self) -> bool:
        process = self._running()
        if process.poll() is not None:
            self._ended(process)
            raise ProcessEnded(f"PostgreSQL did not start:\n{self.log.read_text(errors='replace')[-4000:]}")
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _administer(self, statement: LiteralString, database: str) -> None:
        with self.connect() as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(database)))

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("PostgreSQL does not run: call start() first")
        return self._process

    def _end(self, number: signal.Signals) -> None:
        process = self._running()
        process.send_signal(number)
        process.wait(timeout=60)
        self._ended(process)

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        process_reaper().unregister(process.pid)
        self._process = None

    def _close(self) -> None:
        if self._process is not None:
            self._end(signal.SIGQUIT)
        self._stack.close()
