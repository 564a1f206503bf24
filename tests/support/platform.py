"""A whole platform of separate processes for tests, on files or on servers, whose processes a test may kill or pause."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import sqlite3
import subprocess
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from services.registry import SERVICE_NAMES
from shared.client.http import Client
from shared.client.people import People, own_tokens
from shared.client.sms_inbox import SmsInbox, sms_spool_dir
from shared.persistence.store import Store
from shared.plugin_sdk.devtools.process_group import descendants
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.runtime.settings import Settings, read_settings
from tests.support.backends import Backends
from tests.support.processes import REPOSITORY, Proc, listening, python, run_forked, wait_until

Layout = Mapping[str, tuple[str, ...]]
"""Process name → its arguments after ``motcua``."""

COMPACT: Layout = {"web": ("web", "all"), "worker": ("worker", "all")}
"""As ``motcua up`` runs it."""
APART: Layout = {"web": ("web", "all"), "relay": ("relay", "all"), "worker": ("worker", "all", "--no-relay")}
"""The relay in a separate process, so that a test can kill it alone."""
EACH: Layout = {"web": ("web", "all"), **{f"worker-{name}": ("worker", name) for name in SERVICE_NAMES}}
"""A worker for each service."""

TOKEN_KEY = "a key that only tests ever use, long enough"
LEASE_SECONDS = 1
RECONCILE_SECONDS = 1
START_SECONDS = 90.0
LOCK_SECONDS = 60.0
LOOK_SECONDS = 0.05
LOG_TAIL = 3000


class Running:
    """A context manager: the platform runs inside the block. A process that dies is restarted at once, unless it is held down.

    `deaths` are the processes that were started again, each with its exit status (-9: it was killed).

    Args:
        directory: for data and logs; kept by pytest when the test fails.
        backends: databases and bus.
        layout: its processes.
        clock: the setting of the virtual clock; real time by default.
        settings: further settings of the environment.
        migrate: whether to bring the databases up to date first; not needed when the platform ran on them before.
        forked: whether its processes are forks of a parent that has imported the platform, see `fork_server`; otherwise each is a
            ``motcua`` of its own, which takes nearly two seconds of processor time more.
    """

    def __init__(
        self,
        directory: Path,
        backends: Backends,
        layout: Layout = COMPACT,
        clock: str = "",
        settings: Mapping[str, str] | None = None,
        migrate: bool = True,
        forked: bool = True,
    ) -> None:
        self.directory = directory
        self.backends = backends
        self.layout = dict(layout)
        self.migrate = migrate
        self.forked = forked
        self.port = free_port()
        self.environ = self._environment(clock, settings or {})
        self.health_ports = {name: free_port() for name in layout if not name.startswith("web")}
        self.web_ports = {name: self.port for name in layout if name.startswith("web")}
        self.deaths: list[tuple[str, int | None]] = []
        self._procs: dict[str, Proc] = {}
        self._held_down: set[str] = set()
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def _environment(self, clock: str, settings: Mapping[str, str]) -> dict[str, str]:
        metrics = self.directory / "metrics"
        metrics.mkdir(parents=True, exist_ok=True)
        return {
            "MOTCUA_MODE": "test",
            "MOTCUA_DATA": str(self.directory),
            "MOTCUA_PORT": str(self.port),
            "MOTCUA_BUS_URL": self.backends.bus_url,
            **{f"MOTCUA_{name.upper()}_DB_URL": url for name, url in self.backends.db_urls.items()},
            "MOTCUA_JWT_KEY": TOKEN_KEY,
            "MOTCUA_CLOCK": clock,
            "MOTCUA_LEASE_SECONDS": str(LEASE_SECONDS),
            "MOTCUA_RECONCILE_SECONDS": str(RECONCILE_SECONDS),
            "MOTCUA_LOG": "INFO",
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
            **settings,
        }

    def __enter__(self) -> Self:
        try:
            if self.migrate:
                self.cli("migrate", "all", "--samples")
            for name in self.layout:
                self._start(name)
            self._keeper.start()
            self.wait_ready()
        except BaseException as error:
            self._close(error)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(error)

    @property
    def public_address(self) -> str:
        """What the platform calls itself; an identity provider and a payment gateway send browsers back to it."""
        return f"http://localhost:{self.port}"

    @property
    def address(self) -> str:
        """Where the web answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def spool(self) -> Path:
        """The folder where the SMS provider writes messages."""
        return sms_spool_dir(self.settings)

    @property
    def logs(self) -> list[Path]:
        """The logs of all processes."""
        return sorted((self.directory / "logs").glob("*.log"))

    @cached_property
    def settings(self) -> Settings:
        """The settings of the processes."""
        return read_settings(self.environ)

    @cached_property
    def sms_inbox(self) -> SmsInbox:
        """The citizens' messages."""
        return SmsInbox(self.spool)

    def people(self, retry_seconds: float = 60.0) -> People:
        """People of this platform, for one thread; the caller closes them."""
        return People(self.address, own_tokens(self.settings), retry_seconds, self.sms_inbox)

    @cached_property
    def stores(self) -> dict[str, Store]:
        """The stores of the services, for checks from outside."""
        keys = self.settings.data_keys
        return {
            name: Store(url, name, self.settings.clock, pool=2, data_keys=keys)
            for name, url in self.backends.db_urls.items()
        }

    def cli(self, *arguments: str) -> str:
        """Runs a ``motcua`` command to its end; returns what it printed.

        Raises:
            AssertionError: it failed; the message has its output.
        """
        done = motcua(self.environ, *arguments, forked=self.forked)
        assert done.returncode == 0, f"motcua {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def wait_ready(self) -> None:
        """Waits until the web of every service answers."""
        wait_until(lambda: listening(self.port), START_SECONDS, what=f"the web on port {self.port}")
        client = Client(self.address, retry_seconds=START_SECONDS)
        for name in SERVICE_NAMES:
            client.get(f"/{name}/health/ready")
        client.close()

    def add(self, name: str, *arguments: str) -> None:
        """Starts one process more, such as a replica of the web on a port of its own, and waits until it answers.

        Args:
            name: a web process's begins with ``web``.
            arguments: after ``motcua``.
        """
        ports = self.web_ports if name.startswith("web") else self.health_ports
        ports[name] = free_port()
        with self._lock:
            self.layout[name] = arguments
            self._start(name)
        wait_until(lambda: self.at_work(name), START_SECONDS, what=f"{name} at work")

    def at_work(self, name: str) -> bool:
        """Whether a process answers."""
        return listening({**self.health_ports, **self.web_ports}[name])

    def all_at_work(self) -> bool:
        """Whether all processes answer."""
        return all(self.at_work(name) for name in self.layout)

    def proc(self, name: str) -> Proc:
        """The current process of a name."""
        with self._lock:
            return self._procs[name]

    def kill(self, name: str) -> None:
        """SIGKILLs a process and its children; it is restarted."""
        with self._lock:
            self._procs[name].kill9()

    def kill_one_below(self, name: str, chance: random.Random) -> bool:
        """SIGKILLs one child of a process, such as a worker of gunicorn; False when there is none."""
        below = descendants(self.proc(name).pid)
        if below:
            _kill_one(chance.choice(below))
        return bool(below)

    def hold_down(self, name: str) -> None:
        """SIGKILLs a process, which is not restarted until `let_up`."""
        with self._lock:
            self._held_down.add(name)
        self.kill(name)

    def let_up(self, name: str) -> None:
        """Restarts a process that was held down."""
        with self._lock:
            self._held_down.discard(name)

    def pause(self, name: str) -> None:
        """Pauses a process (SIGSTOP), as if it hung; never while it holds the lock of a file.

        A process that is paused for ever during a transaction locks all others out of the file. On servers the database ends such a
        transaction.
        """
        proc = self.proc(name)
        with contextlib.ExitStack() as held:
            for path in self._files():
                _take_lock(path, held)
            proc.pause()

    def _files(self) -> list[str]:
        urls = [self.backends.bus_url, *self.backends.db_urls.values()]
        return [url.rpartition(":")[2].removeprefix("//") for url in urls if url.startswith(("embedded:", "sqlite:"))]

    def _start(self, name: str) -> None:
        log = self.directory / "logs" / f"{name}.log"
        log.parent.mkdir(exist_ok=True)
        # the name by which a test finds who holds a lease
        own = {"MOTCUA_INSTANCE": name, "MOTCUA_WORKER_PORT": str(self.health_ports.get(name, 0))}
        own["MOTCUA_PORT"] = str(self.web_ports.get(name, self.port))
        command = ["shared.cli", *self.layout[name]]
        if not self.forked:
            command = python("-m", *command)
        self._procs[name] = Proc(command, log=log, env={**self.environ, **own}, forked=self.forked)

    def _keep(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            for name in list(self.layout):
                with self._lock:
                    if self._procs[name].running or name in self._held_down or self._stopping.is_set():
                        continue
                    self.deaths.append((name, self._procs[name].returncode))
                    self._procs[name].kill9()  # the rest of its process group, as the end of a container would
                    self._start(name)

    def end(self) -> None:
        """Ends all processes at once, by SIGKILL; the databases and the bus stay readable."""
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for proc in self._procs.values():
            proc.kill9()

    def _close(self, error: BaseException | None) -> None:
        self.end()
        for store in self.__dict__.get("stores", {}).values():
            store.close()
        if error is not None:
            for log in self.logs:
                error.add_note(f"--- {log}\n{log.read_text(errors='replace')[-LOG_TAIL:]}")


def _take_lock(path: str, held: contextlib.ExitStack) -> None:
    """Takes the write lock of an SQLite file, and that of opening the bus; `held` releases them.

    Whoever takes all of them holds up everybody between two transactions. It waits for a lock in bounded time, and others wait for it.
    """
    if Path(f"{path}.lock").exists():
        opening = os.open(f"{path}.lock", os.O_RDONLY)
        held.callback(os.close, opening)
        wait_until(lambda: _can_lock(opening), LOCK_SECONDS, what=f"the lock of opening {path}")
    connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
    held.callback(connection.close)
    connection.execute("BEGIN IMMEDIATE")


def _can_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def motcua(environ: Mapping[str, str], *arguments: str, forked: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs a ``motcua`` command, which may fail.

    Args:
        environ: its settings.
        arguments: after ``motcua``.
        forked: fork a parent that has imported the platform instead of starting an interpreter.
    """
    environ = {**environ, "COLUMNS": "200"}
    if forked:
        return run_forked(["shared.cli", *arguments], environ, START_SECONDS)
    return subprocess.run(
        python("-m", "shared.cli", *arguments),
        env={**os.environ, **environ},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def _kill_one(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return
