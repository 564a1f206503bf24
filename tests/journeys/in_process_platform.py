"""A whole platform inside the test's own process: the same apps and loops, on threads, with a clock that the test moves."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from services.intake.procedures.commands import ensure_builtin
from services.registry import SERVICE_NAMES, SERVICE_TITLES, SERVICES, find_service
from shared.cli.serve import ALL_ROLES
from shared.client.people import People, own_tokens
from shared.client.sms_inbox import SmsInbox, sms_spool_dir
from shared.persistence import migrations
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.runtime.clock import Clock
from shared.runtime.context import Context, open_context
from shared.runtime.reference_data import Reference, load_reference
from shared.runtime.settings import read_settings
from shared.runtime.workers.loop import Loop
from shared.runtime.workers.service import ServiceLoops
from shared.web.gateway import Gateway, create_home
from tests.support.backends import Backends
from tests.support.platform import TOKEN_KEY
from tests.support.processes import wait_until

SWEEP_SECONDS = 0.25
"""Sweeps of all services share one interpreter with the test: at 0.05 s the sixty of them left it hardly any time."""


@dataclass(frozen=True)
class ManualClock(Clock):
    """Business time that the test sets; leases, retries and tokens use real time.

    Each reading is a microsecond later than the one before, so that an event is in the past when it is read.
    """

    hand: list[datetime] = field(default_factory=list)
    ticks: Iterator[int] = field(default_factory=itertools.count)

    def now(self) -> datetime:
        """The time that the test has set."""
        return self.hand[0] + timedelta(microseconds=next(self.ticks))

    def real_seconds(self, duration: timedelta) -> float:
        """Sweeps run again at once, however long their interval is in business time."""
        return SWEEP_SECONDS

    def pass_to(self, moment: datetime) -> None:
        """Moves to a later time."""
        assert moment >= self.hand[0], "time does not run backwards"
        self.hand[0] = moment

    def pass_(self, span: timedelta) -> None:
        """Moves forward by a duration."""
        self.pass_to(self.hand[0] + span)


def manual_clock(at: datetime) -> ManualClock:
    """A clock that is set to a time."""
    return ManualClock(start=at, hand=[at])


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Logs nothing: an access log would hold paths with secrets."""


class InProcessPlatform:
    """A context manager: the platform runs inside the block.

    Args:
        directory: for its data.
        backends: databases and bus.
        clock: business time.
    """

    def __init__(
        self, directory: Path, backends: Backends, clock: ManualClock, reference: Reference | None = None
    ) -> None:
        self.environ = {
            "MOTCUA_MODE": "test",
            "MOTCUA_DATA": str(directory),
            "MOTCUA_PORT": str(free_port()),
            "MOTCUA_BUS_URL": backends.bus_url,
            "MOTCUA_JWT_KEY": TOKEN_KEY,
            "MOTCUA_INSTANCE": "in-process",
            **{f"MOTCUA_{name.upper()}_DB_URL": url for name, url in backends.db_urls.items()},
        }
        self.clock = clock
        self.settings = replace(read_settings(self.environ), clock=clock)
        self.reference = reference or load_reference()
        self.contexts = {
            name: open_context(name, self.settings, self.reference, SERVICE_TITLES) for name in SERVICE_NAMES
        }
        self.spool = sms_spool_dir(self.settings)
        self.sms_inbox = SmsInbox(self.spool)
        self.apps: dict[str, Flask] = {each.name: each.create_app(self.contexts[each.name]) for each in SERVICES}
        self.home = create_home(self.settings, self.contexts, SERVICE_TITLES)
        self._loops: dict[str, list[Loop]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for name, context in self.contexts.items():
                stack.callback(context.store.close)
                migrations.migrate(context.store.engine, find_service(name).migrations().location)
            ensure_builtin(self.contexts["intake"])
            self._serve(stack)
            stack.callback(self.stop_workers)
            for name in SERVICE_NAMES:
                self.start_worker(name)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def address(self) -> str:
        """Where the web answers."""
        return f"http://127.0.0.1:{self.settings.port}"

    def context(self, service: str) -> Context:
        """A service's context."""
        return self.contexts[service]

    def people(self, retry_seconds: float = 20.0) -> People:
        """People who use this platform; closed with it."""
        people = People(self.address, own_tokens(self.settings), retry_seconds, self.sms_inbox)
        self._stack.callback(people.close)
        return people

    def start_worker(self, service: str) -> None:
        """Starts a service's loops."""
        loops = ServiceLoops(self.contexts[service], find_service(service).worker_spec(), ALL_ROLES).loops()
        for loop in loops:
            loop.start()
        self._loops[service] = loops

    def stop_worker(self, service: str) -> None:
        """Stops a service's loops, and waits until they have ended."""
        loops = self._loops.pop(service)
        for loop in loops:
            loop.stop()
        for loop in loops:
            loop.join(30)
            assert not loop.is_alive(), f"{loop.name} did not stop"

    def stop_workers(self) -> None:
        """Stops all loops, and waits until they have ended; the web goes on."""
        loops = [loop for service in self._loops.values() for loop in service]
        for loop in loops:
            loop.stop()
        wait_until(lambda: not any(loop.is_alive() for loop in loops), what="the end of all loops")
        self._loops.clear()

    def _serve(self, stack: ExitStack) -> None:
        gateway = Gateway(self.apps, self.home)
        server = make_server("127.0.0.1", self.settings.port, gateway, threaded=True, request_handler=_Quiet)
        server.daemon_threads = True  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
