"""A platform of several web replicas behind a proxy and several workers, in which processes are added and killed while people come."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.auth import issue_token
from tests.faults.load_and_kill import assert_settled
from tests.peak.front import Front
from tests.peak.ledger import Ledger
from tests.peak.load import PATIENCE_SECONDS, Load, Outcome
from tests.peak.schedule import Arrival
from tests.support.backends import Backends
from tests.support.platform import Running, motcua
from tests.support.processes import wait_until

GROWING = ("routing", "stats", "notify")
GROWTH_SECONDS = 600.0
WEB, WORKER = ("web", "all"), ("worker", "all")


@dataclass(frozen=True)
class Change:
    """Something that happens to the platform during a run.

    Attributes:
        at: seconds after the beginning of the schedule.
        name: for the report.
        act: does it.
    """

    at: float
    name: str
    act: Callable[[], None]


class Stage:
    """A context manager; platform and proxy run inside the block, at first with one web replica and one worker.

    Args:
        directory: for data and logs.
        backends: databases and bus.
        forked: see `Running`.
    """

    def __init__(self, directory: Path, backends: Backends, forked: bool) -> None:
        layout = {"web-1": WEB, "worker-1": WORKER}
        self.directory = directory
        self.platform = Running(directory, backends, layout, forked=forked)
        self.happened: list[str] = []
        self._stack = ExitStack()
        self._growth: Future[None] | None = None
        self._began = 0.0

    def __enter__(self) -> Self:
        self._stack.enter_context(self.platform)
        self.front = self._stack.enter_context(Front(self.directory, [self.platform.web_ports["web-1"]]))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def add_web(self, name: str) -> None:
        """Adds a web replica."""
        self.platform.add(name, *WEB)
        self.front.add(self.platform.web_ports[name])

    def remove_web(self, name: str) -> None:
        """Kills a web replica for good; the proxy learns of it afterwards."""
        self.platform.hold_down(name)
        self.front.remove(self.platform.web_ports[name])

    def add_worker(self, name: str) -> None:
        """Adds a worker for all services."""
        self.platform.add(name, *WORKER)

    def kill(self, name: str) -> None:
        """SIGKILLs a process with its children; it is started again, as an orchestrator of containers does."""
        self.platform.kill(name)

    def grow(self, *numbers: int) -> None:
        """Begins to divide the queues of the services that get most events, into one number of partitions after the other, as an
        operator does while everything runs; `settle` waits until it is done."""
        pool = ThreadPoolExecutor(1)
        self._growth = pool.submit(self._grow, numbers)
        pool.shutdown(wait=False)

    def _grow(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            for service in GROWING:
                divides = partial(self._divides, service, number)
                wait_until(divides, GROWTH_SECONDS, interval=1.0, what=f"{number} partitions of {service}")
                self.happened.append(f"{time.time() - self._began:.1f} s: {service} begins to be divided into {number}")

    def _divides(self, service: str, number: int) -> bool:
        """Whether the number of a service's partitions was accepted: not while its last change is under way."""
        return not motcua(self.platform.environ, "bus", "partitions", service, str(number), "--no-wait").returncode

    def play(self, arrivals: Sequence[Arrival], changes: Sequence[Change]) -> tuple[Load, list[Outcome]]:
        """Plays a schedule, during which the changes happen; returns when everybody has gone home.

        Args:
            arrivals: the schedule.
            changes: in the order of their times.
        """
        desks = {one.desk for one in arrivals}
        settings = self.platform.settings.auth
        tokens = {desk: issue_token(settings, "clerk@peak", "clerk", desk, timedelta(hours=24)) for desk in desks}
        load = Load(self.directory, self.front.address, tokens, arrivals)
        self._began = load.began
        try:
            for change in changes:
                wait_until(partial(load.reached, change.at), change.at + PATIENCE_SECONDS, what=change.name)
                began = time.monotonic()
                change.act()
                self.happened.append(f"{change.at:.1f} s: {change.name} ({time.monotonic() - began:.1f} s)")
            outcomes = load.outcomes(arrivals[-1].at + 10 * PATIENCE_SECONDS)
        finally:
            load.end()
        return load, outcomes

    def ledger(self, outcomes: Sequence[Outcome]) -> Ledger:
        """Compares the stores as they are now with what people were told."""
        return Ledger(self.platform.stores, self.platform.spool, self.platform.settings.hash_key, outcomes)

    def settle(self, outcomes: Sequence[Outcome], seconds: float) -> Ledger:
        """Waits until all queues are empty, ends the platform, and compares its stores with what people were told.

        Raises:
            AssertionError: the ledger is not clean; the message says what.
        """
        if self._growth is not None:
            self._growth.result(GROWTH_SECONDS)
        return assert_settled(self.platform, lambda: self.ledger(outcomes), seconds)
