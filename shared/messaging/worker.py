"""Consumes queues: takes a batch, handles it, and acknowledges it after the commit."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from shared.messaging import retry_policy
from shared.messaging.apply import Applier, Outcome
from shared.messaging.port import Bus, Consumer, Delivery
from shared.messaging.topology import Topology

BATCH = 200
FEWEST = 20
BATCH_SECONDS = 5.0
"""How long a batch should take at most: where one took longer, the next is smaller, so that its effects show soon, and little is to be done
again if the process is killed."""
TAKE_SECONDS = 5.0


def next_size(number: int, seconds: float) -> int:
    """How many messages to take next.

    Args:
        number: of the last batch.
        seconds: that it took.
    """
    if seconds <= BATCH_SECONDS:
        return BATCH
    return max(FEWEST, min(BATCH, int(number * BATCH_SECONDS / seconds)))


class BatchConsumer:
    """Takes, handles and acknowledges batches; connects when it is needed, and again after a failure.

    Args:
        connect: opens the consumer.
        handle: deals with a batch and commits; the batch is acknowledged when it returns.
        seconds: how long to wait for the first message of a batch.
    """

    def __init__(
        self, connect: Callable[[], Consumer], handle: Callable[[Sequence[Delivery]], object], seconds: float
    ) -> None:
        self._connect = connect
        self._handle = handle
        self._seconds = seconds
        self._consumer: Consumer | None = None
        self._must_reopen = False
        self._most = BATCH

    def step(self) -> int:
        """Takes, handles and acknowledges one batch; returns how many messages it had.

        Raises:
            BusUnavailable: no connection. Messages that were not acknowledged are delivered again; the inbox knows the applied ones.
            Exception: anything that the handling raises, such as SQLAlchemyError. The messages are delivered again.
        """
        if self._must_reopen:
            self._must_reopen = False
            self.close()
        if self._consumer is None:
            self._consumer = self._connect()
        try:
            deliveries = self._consumer.take(self._most, self._seconds)
            if not deliveries:
                return 0
            begun = time.monotonic()
            self._handle(deliveries)
            self._most = next_size(len(deliveries), time.monotonic() - begun)
            self._consumer.done(deliveries)
        except BaseException:
            # whatever failed: a later `done` would acknowledge these messages too
            self.close()
            raise
        return len(deliveries)

    def interrupt(self) -> None:
        """Ends a `step` that waits for messages; called by another thread, before the last step of this consumer."""
        if (consumer := self._consumer) is not None:
            consumer.interrupt()

    def reopen(self) -> None:
        """Has the next `step` open the consumer anew, and the present one wait no longer; called by another thread."""
        self._must_reopen = True
        self.interrupt()

    def close(self) -> None:
        """Closes the connection; messages that were not acknowledged are delivered again."""
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            consumer.close()


class Worker(BatchConsumer):
    """Consumes one service's queue.

    Args:
        service: the service's name.
        bus: the transport.
        topology: all subscriptions.
        apply: applies a batch and commits.
        connect: opens the consumer; that of the service's one queue by default.
    """

    def __init__(
        self,
        service: str,
        bus: Bus,
        topology: Topology,
        apply: Callable[[Sequence[Delivery]], Outcome],
        connect: Callable[[], Consumer] | None = None,
    ) -> None:
        super().__init__(connect or (lambda: bus.consumer(service, topology)), apply, TAKE_SECONDS)


class DeadLetters(BatchConsumer):
    """Moves the broker's dead letters into the retry queue, parked, so that there is one place to look."""

    def __init__(self, service: str, bus: Bus, topology: Topology, applier: Applier) -> None:
        super().__init__(lambda: bus.dead_letters(service, topology), self._park, 0.0)
        self._applier = applier

    def _park(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            reason = "the broker's delivery limit was reached"
            self._applier.park(delivery.body, retry_policy.DEAD_LETTER, reason, delivery.sender)
