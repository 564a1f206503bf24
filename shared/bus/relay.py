"""The relay moves a service's outbox to the bus: one at a time per service (a lease), a row deleted only when it is confirmed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from shared.bus import outbox
from shared.bus.lease import Lease
from shared.bus.port import Bus, Published, Publisher
from shared.store import Store

log = logging.getLogger(__name__)

BATCH = 1000
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0


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
        observe: Callable[[Published], None] = lambda _: None,
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
        self._publisher: Publisher | None = None

    def step(self) -> int:
        """Publishes one batch; returns how many rows left the outbox.

        After a batch of which something was refused it waits, longer each time: every attempt puts another copy into the queues
        that do take the event, so a full queue must not flood its neighbours.

        Raises:
            BusUnavailable: the carrier is away; every row is still there.
        """
        if not self.lease.hold() or self.monotonic() < self._again_at:
            return 0
        with self.store.read() as connection:
            rows = outbox.pending(connection, BATCH)
        if not rows:
            return 0
        fate = self._publish(rows)
        self.observe(fate)
        self._pace(fate)
        if fate.unroutable:
            self.heal()
        if fate.refused:
            # on a channel that was refused RabbitMQ goes on refusing even after a queue's limit was lifted
            self._drop()
        with self.store.uow() as work:
            outbox.confirmed(work.connection, fate.confirmed)
        return len(fate.confirmed)

    def _pace(self, fate: Published) -> None:
        missed = len(fate.unroutable) + len(fate.refused)
        if not missed:
            self._refusals = 0
            return
        self._refusals += 1
        # what had no queue may have one as soon as the topology is declared again
        at_once = self._refusals == 1 and not fate.refused
        pause = 0.0 if at_once else min(FIRST_PAUSE * 2.0 ** min(self._refusals - 1, 10), LONGEST_PAUSE)
        self._again_at = self.monotonic() + pause
        log.error(
            "the bus did not take %d events (no queue: %d); they stay in the outbox, again in %.1f s",
            missed,
            len(fate.unroutable),
            pause,
        )

    def _publish(self, rows: list[outbox.OutboxRow]) -> Published:
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
