"""A worker process that kills itself by SIGKILL at a named point of its work; see test_crash_points.py.

Run as ``python -m tests.faults.crash_points SERVICE POINT`` with the platform's environment.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, NoReturn

from services.registry import find_service
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import Bus, Consumer, Delivery, PartitionQueues, Publisher, PublishResult
from shared.messaging.reconciliation import checks, windows
from shared.messaging.topology import Generation, Topology
from shared.persistence.store import Store
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings
from shared.runtime.workers.service import ServiceLoops

RELAYING = ("while-publishing", "published", "confirmed")
CONSUMING = ("taken", "applied", "acknowledged")
RECONCILING = ("windows-closed", "summaries-written")
ANSWERING = ("summary-checked", "answer-recorded")
POINTS = RELAYING + CONSUMING + RECONCILING + ANSWERING
LIFETIME_SECONDS = 60.0


def kill_self() -> NoReturn:
    """Ends this process without any cleanup, as a loss of power would."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


class CrashingPublisher:
    """Publishes, and kills the process at its point."""

    def __init__(self, inner: Publisher, point: str) -> None:
        self.inner = inner
        self.point = point

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """Crash points: ``while-publishing``, and ``published``, before any row is deleted."""
        if self.point == "while-publishing":
            threading.Timer(0.002, kill_self).start()
        result = self.inner.publish(rows)
        if self.point in ("while-publishing", "published"):
            kill_self()
        return result

    def close(self) -> None:
        """Closes the connection."""
        self.inner.close()


class CrashingConsumer:
    """Consumes, and kills the process at its point."""

    def __init__(self, inner: Consumer, point: str) -> None:
        self.inner = inner
        self.point = point

    def take(self, most: int, seconds: float) -> list[Delivery]:
        """Crash point ``taken``: messages are taken, none is applied."""
        deliveries = self.inner.take(most, seconds)
        if deliveries and self.point == "taken":
            kill_self()
        return deliveries

    def interrupt(self) -> None:
        """Delegates to the consumer."""
        self.inner.interrupt()

    def done(self, deliveries: Sequence[Delivery]) -> None:
        """Crash points: ``applied``, when effects are committed and nothing is acknowledged, and ``acknowledged``."""
        if self.point == "applied":
            kill_self()
        self.inner.done(deliveries)
        if self.point == "acknowledged":
            kill_self()

    def close(self) -> None:
        """Closes the connection."""
        self.inner.close()


class CrashingBus:
    """The platform's bus with a publisher and a consumer that crash."""

    def __init__(self, inner: Bus, point: str) -> None:
        self.inner = inner
        self.point = point

    def declare(self, topology: Topology) -> None:
        """Delegates to the bus."""
        self.inner.declare(topology)

    def repair(self, service: str, topology: Topology) -> list[str]:
        """Delegates to the bus."""
        return self.inner.repair(service, topology)

    def replace_unusable(self, topology: Topology) -> list[str]:
        """Delegates to the bus."""
        return self.inner.replace_unusable(topology)

    def publisher(self) -> Publisher:
        """A publisher that crashes."""
        return CrashingPublisher(self.inner.publisher(), self.point)

    def consumer(
        self, service: str, topology: Topology, generation: Generation | None = None, queues: Sequence[str] = ()
    ) -> Consumer:
        """A consumer that crashes."""
        return CrashingConsumer(self.inner.consumer(service, topology, generation, queues), self.point)

    def partitions(self, service: str) -> PartitionQueues | None:
        """Delegates to the bus."""
        return self.inner.partitions(service)

    def dead_letters(self, service: str, topology: Topology) -> Consumer:
        """Delegates to the bus."""
        return self.inner.dead_letters(service, topology)

    def depth(self, queue: str) -> int:
        """Delegates to the bus."""
        return self.inner.depth(queue)

    def depths(self, queues: Sequence[str]) -> list[int]:
        """Delegates to the bus."""
        return self.inner.depths(queues)


def main(service: str, point: str) -> None:
    """Runs a service's relay or consumer until it crashes.

    Raises:
        TimeoutError: it did not reach the crash point.
    """
    if point in RECONCILING + ANSWERING:
        _crash_after(*_STEPS[point])
    roles = _ROLES.get(point, frozenset({"relay"} if point in RELAYING else {"consume"}))
    loops = ServiceLoops(open_context(service, read_settings()), find_service(service).worker_spec(), roles)
    loops.parts.bus = CrashingBus(loops.parts.bus, point)
    running = loops.loops()
    if point == "confirmed":  # confirmed rows are deleted
        _kill_after_first_work(running[0].step)
    for loop in running:
        loop.start()
    time.sleep(LIFETIME_SECONDS)
    raise TimeoutError(f"{service} did not reach {point}")


_STEPS = {
    "windows-closed": (windows, "close_windows"),
    "summaries-written": (windows, "send_summaries"),
    "summary-checked": (checks, "check"),
    "answer-recorded": (windows, "record_answer"),
}
_ROLES = {point: frozenset({"sweep"}) for point in RECONCILING} | {point: frozenset({"consume"}) for point in ANSWERING}


def _crash_after(module: ModuleType, name: str) -> None:
    """Lets the process kill itself when the transaction of a step of reconciliation that did something has committed."""
    step = getattr(module, name)
    done = threading.Event()

    def counted(*arguments: object) -> object:
        result = step(*arguments)
        if result or name in ("check", "record_answer"):
            done.set()
        return result

    commit = Store.run

    def run(store: Store, *arguments: Any, **options: Any) -> Any:
        result = commit(store, *arguments, **options)
        if done.is_set():
            kill_self()
        return result

    setattr(module, name, counted)
    Store.run = run  # type: ignore[method-assign, assignment]


def _kill_after_first_work(step: Callable[[], int]) -> NoReturn:
    while not step():
        time.sleep(0.02)
    kill_self()


if __name__ == "__main__":
    main(*sys.argv[1:])
