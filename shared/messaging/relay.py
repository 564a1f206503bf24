"""The relay moves a service's outbox to the bus: one at a time per service (a lease), a row deleted only when it is confirmed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from shared.messaging import outbox
from shared.messaging.lease import Lease
from shared.messaging.port import Bus, Publisher, PublishResult
from shared.persistence.store import Store

log = logging.getLogger(__name__)

BATCH = 1000
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0


class UnroutableTopics:
    """Topics without a queue, such as those of an agency whose queue was removed. Each is tried again later and later, while all
    others go on: its rows must neither slow them down nor fill every batch.
    """

    def __init__(self) -> None:
        self._misses: dict[str, int] = {}
        self._again_at: dict[str, float] = {}

    def now(self, now: float) -> tuple[str, ...]:
        """The topics that are not to be tried yet."""
        return tuple(topic for topic, again_at in self._again_at.items() if now < again_at)

    def learn(self, unroutable: set[str], tried: set[str], now: float) -> None:
        """Notes what became of the topics that were tried."""
        for topic in tried - unroutable:
            self._misses.pop(topic, None)
            self._again_at.pop(topic, None)
        for topic in unroutable:
            misses = self._misses[topic] = self._misses.get(topic, 0) + 1
            # the first time it may have a queue as soon as the topology is declared again
            self._again_at[topic] = now + (_pause(misses) if misses > 1 else 0.0)


def _pause(times: int) -> float:
    return min(FIRST_PAUSE * 2.0 ** min(times - 1, 10), LONGEST_PAUSE)


class Relay:
    """Publishes what is in the outbox.

    Args:
        store: the service's database.
        bus: the carrier.
        lease: who may relay; two relays at once would repeat events (harmless) and could not keep their order (not).
        observe: told of every batch's fate, for metrics.
        heal: called when an event had no queue: declares the topology again, in case somebody deleted part of it.
        monotonic: the local clock.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        lease: Lease,
        observe: Callable[[PublishResult], None] = lambda _: None,
        heal: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self.bus = bus
        self.lease = lease
        self.observe = observe
        self.heal = heal
        self.monotonic = monotonic
        self._refusals = 0
        self._again_at = float("-inf")
        self._nowhere = UnroutableTopics()
        self._publisher: Publisher | None = None

    def step(self) -> int:
        """Publishes one batch; returns how many rows left the outbox.

        After a batch of which something was refused it waits, longer each time: every attempt puts another copy into the queues
        that do take the event, so a full queue must not flood its neighbours. What has no queue waits alone.

        Raises:
            BusUnavailable: the carrier is away; every row is still there.
        """
        if not self.lease.hold() or self.monotonic() < self._again_at:
            return 0
        with self.store.read() as connection:
            rows = outbox.pending(connection, BATCH, self._nowhere.now(self.monotonic()))
        if not rows:
            return 0
        fate = self._publish(rows)
        self.observe(fate)
        self._pace(rows, fate)
        if fate.unroutable:
            self.heal()
        if fate.refused:
            # on a channel that was refused RabbitMQ goes on refusing even after a queue's limit was lifted
            self._drop()
        with self.store.uow() as work:
            outbox.confirmed(work.connection, fate.confirmed)
        return len(fate.confirmed)

    def _pace(self, rows: list[outbox.OutboxRow], fate: PublishResult) -> None:
        lost = set(fate.unroutable)
        unroutable = {row.topic for row in rows if row.id in lost} if lost else set()
        self._nowhere.learn(unroutable, {row.topic for row in rows}, self.monotonic())
        if unroutable:
            log.error(
                "no queue takes %d events, which stay in the outbox: %s", len(lost), ", ".join(sorted(unroutable))
            )
        if not fate.refused:
            self._refusals = 0
            return
        self._refusals += 1
        pause = _pause(self._refusals)
        self._again_at = self.monotonic() + pause
        log.error("the bus refused %d events; they stay in the outbox, again in %.1f s", len(fate.refused), pause)

    def _publish(self, rows: list[outbox.OutboxRow]) -> PublishResult:
        if self._publisher is None:
            self._publisher = self.bus.publisher()
        return self._publisher.publish(rows)

    def close(self) -> None:
        """Gives up the lease and the connection."""
        self._drop()
        self.lease.release()

    def _drop(self) -> None:
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None
