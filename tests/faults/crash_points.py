"""A worker process that dies by SIGKILL at a named point of its work; see test_points.py.

Run as ``python -m tests.faults.crash_points SERVICE POINT`` with the platform's environment.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from shared.cli.services import worker_spec
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import Bus, Consumer, Delivery, Publisher, PublishResult
from shared.messaging.topology import Topology
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings
from shared.runtime.workers.service import ServiceLoops

RELAYING = ("while-publishing", "published", "confirmed")
CONSUMING = ("taken", "applied", "acknowledged")
POINTS = RELAYING + CONSUMING
LIFETIME_SECONDS = 60.0


def die() -> NoReturn:
    """Ends this process as the power would."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


class DyingPublisher:
    """Publishes, and dies at its point."""

    def __init__(self, inner: Publisher, point: str) -> None:
        self.inner = inner
        self.point = point

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """``while-publishing``: somewhere in it; ``published``: after it, before any row is deleted."""
        if self.point == "while-publishing":
            threading.Timer(0.002, die).start()
        fate = self.inner.publish(rows)
        if self.point in ("while-publishing", "published"):
            die()
        return fate

    def close(self) -> None:
        """Closes the connection."""
        self.inner.close()


class DyingConsumer:
    """Consumes, and dies at its point."""

    def __init__(self, inner: Consumer, point: str) -> None:
        self.inner = inner
        self.point = point

    def take(self, most: int, seconds: float) -> list[Delivery]:
        """``taken``: with messages in hand, before anything is done with them."""
        deliveries = self.inner.take(most, seconds)
        if deliveries and self.point == "taken":
            die()
        return deliveries

    def done(self, deliveries: Sequence[Delivery]) -> None:
        """``applied``: effects committed, nothing acknowledged; ``acknowledged``: right after."""
        if self.point == "applied":
            die()
        self.inner.done(deliveries)
        if self.point == "acknowledged":
            die()

    def close(self) -> None:
        """Closes the connection."""
        self.inner.close()


class DyingBus:
    """The platform's bus with a publisher and a consumer that die."""

    def __init__(self, inner: Bus, point: str) -> None:
        self.inner = inner
        self.point = point

    def declare(self, topology: Topology) -> None:
        """As the bus does."""
        self.inner.declare(topology)

    def publisher(self) -> Publisher:
        """A publisher that dies."""
        return DyingPublisher(self.inner.publisher(), self.point)

    def consumer(self, service: str, topology: Topology) -> Consumer:
        """A consumer that dies."""
        return DyingConsumer(self.inner.consumer(service, topology), self.point)

    def dead_letters(self, service: str, topology: Topology) -> Consumer:
        """As the bus does."""
        return self.inner.dead_letters(service, topology)

    def depth(self, queue: str) -> int:
        """As the bus does."""
        return self.inner.depth(queue)


def main(service: str, point: str) -> None:
    """Runs a service's relay or consumer until it dies.

    Raises:
        TimeoutError: it never came to its point.
    """
    roles = frozenset({"relay"} if point in RELAYING else {"consume"})
    loops = ServiceLoops(open_context(service, read_settings()), worker_spec(service), roles)
    loops.bus = DyingBus(loops.bus, point)
    running = loops.loops()
    if point == "confirmed":  # and the rows deleted
        _die_after_work(running[0].step)
    for loop in running:
        loop.start()
    time.sleep(LIFETIME_SECONDS)
    raise TimeoutError(f"{service} never came to {point}")


def _die_after_work(step: Callable[[], int]) -> NoReturn:
    while not step():
        time.sleep(0.02)
    die()


if __name__ == "__main__":
    main(*sys.argv[1:])
