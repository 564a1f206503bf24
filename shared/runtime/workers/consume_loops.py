"""The loops that consume a service's events: its partitions, what is tried again, and whether everything still arrives."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from shared.messaging.apply import Applier, Outcome
from shared.messaging.hints import PARTITIONS, RETRY
from shared.messaging.lease import Lease
from shared.messaging.partitions.sharing import PartitionShare
from shared.messaging.port import Delivery
from shared.messaging.worker import BatchConsumer, DeadLetters, Worker
from shared.runtime.workers.gathered import Gathered
from shared.runtime.workers.loop import Loop, report_progress
from shared.runtime.workers.partitions import ConsumedPartitions
from shared.runtime.workers.service_parts import ENOUGH, GATHER_SECONDS, SHORTEST_REST, ServiceParts
from shared.runtime.workers.worker_spec import WorkerSpec

log = logging.getLogger(__name__)

CHECK_TOPOLOGY_SECONDS = (8.0, 14.0)
"""Between two checks of a service's exchanges, queues and bindings: a random time, so that the services do not check at once."""
PROBE_SECONDS = 10.0


class ConsumeLoops:
    """The loops of the role ``consume``.

    Args:
        parts: of the service.
        spec: its handlers.
    """

    def __init__(self, parts: ServiceParts, spec: WorkerSpec) -> None:
        self._parts = parts
        self._context = parts.context
        self._applier = Applier(
            parts.context.store,
            spec.handlers,
            sent_again=parts.metrics.sent_again,
            prepare=spec.prepare,
            progress=report_progress,
            refuse=spec.refuse,
        )

    def loops(self) -> list[Loop]:
        """The loops, not yet started."""
        topology = self._parts.loop("topology", self._check_topology, random.uniform(*CHECK_TOPOLOGY_SECONDS))
        return [*self._consume_loops(), self._retry_loop(), topology]

    def _check_topology(self) -> int:
        self._parts.declare_once()
        if missing := self._parts.bus.repair(self._context.service, self._parts.topology):
            self._parts.note_repair(missing)
        return 0

    def _consume_loops(self) -> list[Loop]:
        service, queues = self._context.service, self._parts.bus.partitions(self._context.service)
        if queues is None:
            return [self._consume_loop(Worker(service, self._parts.bus, self._parts.topology, self._apply))]
        share = PartitionShare(partial(Lease, self._parts.locks))
        partitions = ConsumedPartitions(
            self._context.store,
            self._parts.bus,
            self._parts.topology,
            share,
            queues,
            self._parts.maintenance_lease.hold,
            self._parts.note_repair,
            lambda: self._applier.handled,
        )
        worker = Worker(service, self._parts.bus, self._parts.topology, self._apply, partitions.open)
        return [
            self._consume_loop(worker),
            self._partitions_loop(worker, partitions),
            self._probe_loop(worker, partitions),
        ]

    def _partitions_loop(self, worker: Worker, partitions: ConsumedPartitions) -> Loop:
        def step() -> int:
            self._parts.declare_once()
            if partitions.step():
                worker.reopen()
            return 0

        return self._parts.loop(
            "partitions", step, lambda: partitions.pause(self._parts.rest()), partitions.close, hint=PARTITIONS
        )

    def _consume_loop(self, worker: BatchConsumer) -> Loop:
        def step() -> int:
            self._parts.declare_once()
            return worker.step()

        return self._parts.loop("consume", Gathered(step, ENOUGH, GATHER_SECONDS), 0.0, worker.close, worker.interrupt)

    def _probe_loop(self, worker: Worker, partitions: ConsumedPartitions) -> Loop:
        def step() -> int:
            if partitions.probe():
                log.error(
                    "what %s sends to itself does not arrive, and nothing waits in its queue: it connects anew",
                    self._context.service,
                )
                self._parts.metrics.reopened()
                worker.reopen()
            return 0

        return self._parts.loop("probe", step, PROBE_SECONDS)

    def _retry_loop(self) -> Loop:
        dead_letters = DeadLetters(self._context.service, self._parts.bus, self._parts.topology, self._applier)
        next_at: datetime | None = None

        def step() -> int:
            nonlocal next_at
            self._parts.declare_once()
            parked = dead_letters.step()
            next_at = self._applier.next_retry_at()
            is_due = next_at is not None and next_at <= self._context.clock.wall()
            return parked + (self._applier.retry_due() if is_due else 0)

        def pause() -> float:
            if next_at is None:
                return self._parts.rest()
            until = (next_at - self._context.clock.wall()).total_seconds()
            return min(max(until, SHORTEST_REST), self._parts.rest())

        return self._parts.leased_loop("retry", step, pause, dead_letters.close, RETRY)

    def _apply(self, deliveries: Sequence[Delivery]) -> Outcome:
        started = time.monotonic()
        outcome = self._applier.apply(deliveries)
        self._parts.metrics.applied(outcome, time.monotonic() - started)
        return outcome
