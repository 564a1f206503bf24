"""The loops of a service's worker."""

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
MONITOR_SECONDS = 2.0
CLEAN_SECONDS = 3600.0
KEEP = timedelta(days=400)
"""How long inbox ids and idempotency keys are kept: longer than the age of any backup."""


class ServiceLoops:
    """The loops of one service in one process.

    Args:
        context: the service's settings and store.
        spec: its handlers and sweeps.
        roles: which of ``relay``, ``consume`` and ``sweep`` run in this process.
    """

    def __init__(self, context: Context, spec: WorkerSpec, roles: frozenset[str]) -> None:
        self.context = context
        self.spec = spec
        self.roles = roles
        self.metrics = BusMetrics(context.service)
        self.topology: Topology = platform_topology(context.settings.queue_partitions)
        self.bus: Bus = open_bus(context.settings.bus_url, context.service)
        self.applier = Applier(context.store, spec.handlers)
        self._declared = False
        self._maintenance_lease = self._lease("maintenance")

    def loops(self) -> list[Loop]:
        """The loops, not yet started."""
        found: list[Loop] = []
        if "relay" in self.roles:
            found.append(self._relay_loop())
        if "consume" in self.roles:
            found += [self._consume_loop(), self._retry_loop()]
        if "sweep" in self.roles:
            found += [self._sweep_loop(sweep) for sweep in self.spec.sweeps]
            found += [
                self._leased_loop("monitor", self._set_gauges, MONITOR_SECONDS),
                self._leased_loop("clean", self._delete_old_rows, CLEAN_SECONDS),
            ]
        return found

    def _declare_once(self) -> None:
        if not self._declared:
            self._declare()
            self._declared = True

    def _declare(self) -> None:
        self.bus.declare(self.topology)

    def _loop(self, name: str, step: Callable[[], int], idle: float, close: Callable[[], None]) -> Loop:
        return Loop(f"{self.context.service}/{name}", step, idle, close, self.metrics.loop_failed)

    def _lease(self, name: str) -> Lease:
        settings = self.context.settings
        return Lease(self.context.store, name, settings.instance, settings.lease_seconds)

    def _relay_loop(self) -> Loop:
        relay = Relay(self.context.store, self.bus, self._lease("relay"), self.metrics.published, self._declare)

        def step() -> int:
            self._declare_once()
            return relay.step()

        return self._loop("relay", step, RELAY_IDLE, relay.close)

    def _consume_loop(self) -> Loop:
        worker = Worker(self.context.service, self.bus, self.topology, self._apply)

        def step() -> int:
            self._declare_once()
            return worker.step()

        return self._loop("consume", step, 0.0, worker.close)

    def _retry_loop(self) -> Loop:
        dead_letters = DeadLetters(self.context.service, self.bus, self.topology, self.applier)

        def step() -> int:
            self._declare_once()
            return self.applier.retry_due() + dead_letters.step()

        return self._leased_loop("retry", step, RETRY_IDLE, dead_letters.close)

    def _leased_loop(
        self, name: str, step: Callable[[], int], idle: float, close: Callable[[], None] = lambda: None
    ) -> Loop:
        """A loop that runs in one process of the service at a time.

        The transactions of its steps keep it correct in several processes too; the lease saves work and keeps the order.
        """

        def close_and_release() -> None:
            close()
            self._maintenance_lease.release()

        return self._loop(name, lambda: step() if self._maintenance_lease.hold() else 0, idle, close_and_release)

    def _sweep_loop(self, sweep: Sweep) -> Loop:
        idle = max(self.context.clock.real_seconds(sweep.every), 0.05)
        return self._leased_loop(sweep.name, lambda: sweep.run(self.context), idle)

    def _set_gauges(self) -> int:
        with self.context.store.read() as connection:
            pending, oldest = outbox.backlog(connection)
            self.metrics.backlog(pending, oldest, retry_queue.counts(connection))
        return 0

    def _delete_old_rows(self) -> int:
        before = self.context.clock.wall() - KEEP
        self.context.store.run(lambda unit: inbox.forget_before(unit.connection, before))
        return 0

    def _apply(self, deliveries: Sequence[Delivery]) -> Outcome:
        started = time.monotonic()
        outcome = self.applier.apply(deliveries)
        self.metrics.applied(outcome, time.monotonic() - started)
        return outcome
