"""What a service's worker consists of, and the loops that run it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from shared.contracts import platform_topology
from shared.messaging import inbox, outbox, retry_queue
from shared.messaging.apply import Applier, Outcome
from shared.messaging.lease import Lease
from shared.messaging.port import Bus, Delivery
from shared.messaging.relay import Relay
from shared.messaging.topology import Topology
from shared.messaging.transports import open_bus
from shared.messaging.worker import DeadLetters, Worker
from shared.runtime.context import Context
from shared.runtime.workers.loop import Loop
from shared.runtime.workers.metrics import BusMetrics
from shared.runtime.workers.worker_spec import Sweep, WorkerSpec

RELAY_IDLE = 0.025
RETRY_IDLE = 0.25
WATCH_SECONDS = 2.0
CLEAN_SECONDS = 3600.0
REMEMBER = timedelta(days=400)
"""How long inbox ids and idempotency keys are kept: longer than any backup is old."""


class ServiceLoops:
    """The loops of one service in one process.

    Args:
        context: the service's settings and store.
        work: its handlers and sweeps.
        parts: which of ``relay``, ``consume`` and ``sweep`` run here.
    """

    def __init__(self, context: Context, work: WorkerSpec, parts: frozenset[str]) -> None:
        self.context = context
        self.work = work
        self.parts = parts
        self.metrics = BusMetrics(context.service)
        self.topology: Topology = platform_topology(context.settings.queue_partitions)
        self.bus: Bus = open_bus(context.settings.bus_url, context.service)
        self.applier = Applier(context.store, work.handlers)
        self._declared = False
        self._keeper = self._lease("keeper")

    def loops(self) -> list[Loop]:
        """The loops, not yet started."""
        found: list[Loop] = []
        if "relay" in self.parts:
            found.append(self._relay_loop())
        if "consume" in self.parts:
            found += [self._consume_loop(), self._retry_loop()]
        if "sweep" in self.parts:
            found += [self._sweep_loop(sweep) for sweep in self.work.sweeps]
            found += [
                self._kept_loop("watch", self._watch, WATCH_SECONDS),
                self._kept_loop("clean", self._clean, CLEAN_SECONDS),
            ]
        return found

    def _declare(self) -> None:
        if not self._declared:
            self.bus.declare(self.topology)
            self._declared = True

    def _redeclare(self) -> None:
        self.bus.declare(self.topology)

    def _loop(self, name: str, step: Callable[[], int], idle: float, close: Callable[[], None]) -> Loop:
        return Loop(f"{self.context.service}/{name}", step, idle, close, self.metrics.loop_failed)

    def _lease(self, name: str) -> Lease:
        settings = self.context.settings
        return Lease(self.context.store, name, settings.instance, settings.lease_seconds)

    def _relay_loop(self) -> Loop:
        relay = Relay(self.context.store, self.bus, self._lease("relay"), self.metrics.published, self._redeclare)

        def step() -> int:
            self._declare()
            return relay.step()

        return self._loop("relay", step, RELAY_IDLE, relay.close)

    def _consume_loop(self) -> Loop:
        worker = Worker(self.context.service, self.bus, self.topology, self._apply)

        def step() -> int:
            self._declare()
            return worker.step()

        return self._loop("consume", step, 0.0, worker.close)

    def _retry_loop(self) -> Loop:
        dead = DeadLetters(self.context.service, self.bus, self.topology, self.applier)

        def step() -> int:
            self._declare()
            return self.applier.retry_due() + dead.step()

        return self._kept_loop("retry", step, RETRY_IDLE, dead.close)

    def _kept_loop(
        self, name: str, step: Callable[[], int], idle: float, close: Callable[[], None] = lambda: None
    ) -> Loop:
        """A loop that runs in one process at a time: what one transaction each makes right, a lease makes cheap and ordered."""

        def close_and_release() -> None:
            close()
            self._keeper.release()

        return self._loop(name, lambda: step() if self._keeper.hold() else 0, idle, close_and_release)

    def _sweep_loop(self, sweep: Sweep) -> Loop:
        idle = max(self.context.clock.real_seconds(sweep.every), 0.05)
        return self._kept_loop(sweep.name, lambda: sweep.run(self.context), idle)

    def _watch(self) -> int:
        with self.context.store.read() as connection:
            pending, oldest = outbox.backlog(connection)
            self.metrics.backlog(pending, oldest, retry_queue.counts(connection))
        return 0

    def _clean(self) -> int:
        before = self.context.clock.wall() - REMEMBER
        self.context.store.run(lambda unit: inbox.forget_before(unit.connection, before))
        return 0

    def _apply(self, deliveries: Sequence[Delivery]) -> Outcome:
        started = time.monotonic()
        outcome = self.applier.apply(deliveries)
        self.metrics.applied(outcome, time.monotonic() - started)
        return outcome
