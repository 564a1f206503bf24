"""Consumes a service's queue: takes a batch, applies it, and acknowledges it after the commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError

from shared.messaging import retry_queue
from shared.messaging.apply import Applier, Outcome
from shared.messaging.port import Bus, BusUnavailable, Consumer, Delivery
from shared.messaging.topology import Topology

BATCH = 200
TAKE_SECONDS = 0.5


class Worker:
    """Consumes one service's queue.

    Args:
        service: the service's name.
        bus: the transport.
        topology: all subscriptions.
        apply: applies a batch and commits.
    """

    def __init__(
        self, service: str, bus: Bus, topology: Topology, apply: Callable[[Sequence[Delivery]], Outcome]
    ) -> None:
        self.service = service
        self.bus = bus
        self.topology = topology
        self.apply = apply
        self._consumer: Consumer | None = None

    def step(self) -> int:
        """Takes, applies and acknowledges one batch; returns how many messages it had.

        Raises:
            BusUnavailable: no connection. Messages that were not acknowledged are delivered again; the inbox knows the applied ones.
            sqlalchemy.exc.SQLAlchemyError: the database is not available. The messages are delivered again.
        """
        if self._consumer is None:
            self._consumer = self.bus.consumer(self.service, self.topology)
        try:
            deliveries = self._consumer.take(BATCH, TAKE_SECONDS)
            if not deliveries:
                return 0
            self.apply(deliveries)
            self._consumer.done(deliveries)
        except (BusUnavailable, SQLAlchemyError):
            self.close()
            raise
        return len(deliveries)

    def close(self) -> None:
        """Closes the connection; messages that were not acknowledged are delivered again."""
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            consumer.close()


class DeadLetters:
    """Moves the broker's dead letters into the retry queue, parked, so that there is one place to look."""

    def __init__(self, service: str, bus: Bus, topology: Topology, applier: Applier) -> None:
        self.service = service
        self.bus = bus
        self.topology = topology
        self.applier = applier
        self._consumer: Consumer | None = None

    def step(self) -> int:
        """Parks one batch; returns how many messages it had."""
        if self._consumer is None:
            self._consumer = self.bus.dead_letters(self.service, self.topology)
        try:
            deliveries = self._consumer.take(BATCH, 0.0)
            for delivery in deliveries:
                reason = "the broker's delivery limit was reached"
                self.applier.park(delivery.body, retry_queue.DEAD_LETTER, reason, delivery.sender)
            if deliveries:
                self._consumer.done(deliveries)
        except (BusUnavailable, SQLAlchemyError):
            self.close()
            raise
        return len(deliveries)

    def close(self) -> None:
        """Closes the connection."""
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            consumer.close()
