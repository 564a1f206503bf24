"""The partitions that one process of a service consumes: which they are, a change of their number, and whether they deliver."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from shared.messaging.delivery_probe import DeliveryProbe
from shared.messaging.outbox import OutboxRow
from shared.messaging.partitions import generations
from shared.messaging.partitions.change import PartitionChange
from shared.messaging.partitions.generations import Generations
from shared.messaging.partitions.sharing import PartitionShare
from shared.messaging.port import Bus, Consumer, PartitionQueues
from shared.messaging.topology import Generation, Topology
from shared.observability import metrics
from shared.persistence.store import Store

log = logging.getLogger(__name__)

CHECK_SECONDS = (8.0, 14.0)
"""Between two checks that the partitions are there and get the events."""
CHANGING_SECONDS = 0.2
SHARING_SECONDS = 2.0
"""Between two looks at how many processes share the partitions, at most."""


class ConsumedPartitions:
    """What one process of a service consumes.

    Args:
        store: the service's database.
        bus: the transport.
        topology: all subscriptions.
        share: its share of the partitions.
        queues: the partitions at the broker.
        in_charge: whether this process, of all processes of the service, looks after them.
        repaired: called with what was missing at the broker.
        handled: how many messages this process has handled so far.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        topology: Topology,
        share: PartitionShare,
        queues: PartitionQueues,
        in_charge: Callable[[], bool],
        repaired: Callable[[Sequence[str]], None],
        handled: Callable[[], int],
    ) -> None:
        self._store = store
        self._bus = bus
        self._topology = topology
        self._share = share
        self._queues = queues
        self._in_charge = in_charge
        self._repaired = repaired
        self._handled = handled
        self._change = PartitionChange(store, queues)
        self._opened: tuple[Generation, tuple[str, ...]] | None = None
        self._present: Generations | None = None
        self._check_at = 0.0
        self._probes: dict[str, DeliveryProbe] = {}

    def open(self) -> Consumer:
        """Opens the consumer of what this process consumes now."""
        generation = self._read().consumed
        self._opened = (generation, self._share.queues(generation))
        metrics.consumed_partitions.labels(self._store.service).set(len(self._opened[1]))
        return self._bus.consumer(self._store.service, self._topology, *self._opened)

    def step(self) -> bool:
        """Takes and gives up partitions, and carries a change on if this process is in charge; returns whether to open the consumer anew.

        Raises:
            BusUnavailable: the broker cannot be reached.
            Exception: the database cannot be reached.
        """
        self._present = present = self._read()
        generation = present.consumed
        self._share.step(generation, self._processes() if generation.partitions > 1 else 1)
        if self._in_charge() and self._is_due(present):
            self._check_at = time.monotonic() + random.uniform(*CHECK_SECONDS)
            if missing := self._change.step():
                self._repaired(missing)
        return self._opened is not None and self._opened != (generation, self._share.queues(generation))

    def _is_due(self, present: Generations) -> bool:
        """A service with its one queue is looked at once: its database may have been restored from before there were partitions."""
        if not present.settled:
            return True
        return time.monotonic() >= self._check_at and (present.newest.number > 0 or self._check_at == 0.0)

    def pause(self, longest: float) -> float:
        """Seconds until the next step, at most `longest`."""
        present = self._present
        if present is None or not present.settled:
            return min(CHANGING_SECONDS, longest)
        return min(SHARING_SECONDS, longest / 3) if present.newest.partitions > 1 else longest

    def probe(self) -> bool:
        """Sends a message straight to each queue that this process consumes, now and then; returns whether one of them does not deliver."""
        opened = self._opened
        names = [self._topology.of(self._store.service).queue_name, *(opened[1] if opened else ())]
        self._probes = {name: self._probes.get(name) or self._probe_of(name) for name in names}
        failed = [name for name, probe in self._probes.items() if probe.step()]
        return bool(failed)

    def close(self) -> None:
        """Gives the partitions up."""
        self._share.close()

    def _read(self) -> Generations:
        with self._store.read() as connection:
            return generations.read(connection, self._store.service)

    def _processes(self) -> int:
        [state] = self._queues.look([self._topology.of(self._store.service).presence_queue_name])
        return state.consumers

    def _probe_of(self, queue: str) -> DeliveryProbe:
        def send(row: Mapping[str, Any]) -> bool:
            wanted = OutboxRow(0, row["event_id"], row["type"], row["key"], row["body"], "", route=("", queue))
            return bool(self._queues.send([wanted]).confirmed)

        return DeliveryProbe(self._store, partial(self._bus.depth, queue), send, self._handled)
