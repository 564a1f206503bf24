"""The relay publishes a service's outbox: one relay at a time per service (a lease). What is confirmed leaves the outbox and is kept for
some days as published.

When the broker refuses events (a full queue), the relay pauses, longer each time; after some time it has the queues replaced that can
never be used again. When no queue takes an event, its topic backs off alone
and the topology is declared again. When the broker is away or blocked by an alarm, nothing is lost: the rows stay in the outbox.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence

from shared.contracts import platform_topology
from shared.messaging import outbox, published
from shared.messaging.event import AGENCY_PREFIX
from shared.messaging.hints import PUBLISHED
from shared.messaging.lease import Lease
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import Bus, BusUnavailable, Publisher, PublishResult
from shared.messaging.topology import DIRECT_PREFIX, SETTLE_SECONDS, Topology
from shared.persistence.store import Store

log = logging.getLogger(__name__)

BATCH = 1000
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
REPLACE_AFTER = 30.0
"""Seconds of refusals after which the relay looks for unusable queues."""


class UnroutableTopics:
    """Topics without a queue, such as those of an agency whose queue was removed.

    Each topic backs off separately, so that its rows neither delay other topics nor fill batches.
    """

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}
        self._retry_at: dict[str, float] = {}

    def backing_off(self, now: float) -> tuple[str, ...]:
        """The topics that must not be published yet."""
        return tuple(topic for topic, retry_at in self._retry_at.items() if now < retry_at)

    def record(self, unroutable: set[str], published: set[str], now: float) -> None:
        """Records the result of a batch.

        Args:
            unroutable: topics of the batch without a queue.
            published: all topics of the batch.
            now: monotonic seconds.
        """
        for topic in published - unroutable:
            self._failures.pop(topic, None)
            self._retry_at.pop(topic, None)
        for topic in unroutable:
            failures = self._failures[topic] = self._failures.get(topic, 0) + 1
            # the first failure: until the topology is declared again, which may restore the queue
            self._retry_at[topic] = now + (_pause(failures) if failures > 1 else SETTLE_SECONDS)


def _pause(times: int) -> float:
    return min(FIRST_PAUSE * 2.0 ** min(times - 1, 10), LONGEST_PAUSE)


class Relay:
    """Publishes the outbox.

    Args:
        store: the service's database.
        bus: the transport.
        lease: who may publish. Two relays at once would repeat events, which is harmless, and break their order, which is not.
        observe: called with the result of every batch, for metrics.
        redeclare: declares the topology again; called when an event had no queue, in case somebody deleted part of it, and after the
            connection was lost: a broker that crashed may have forgotten bindings that were declared shortly before.
        monotonic: the local clock.
        topology: the queues of the services, for rows that are for one service only; those of the platform by default.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        lease: Lease,
        observe: Callable[[PublishResult], None] = lambda _: None,
        redeclare: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
        topology: Topology | None = None,
    ) -> None:
        self.store = store
        self.bus = bus
        self.topology = topology or platform_topology()
        self.lease = lease
        self.observe = observe
        self.redeclare = redeclare
        self.monotonic = monotonic
        self._refusals = 0
        self._refused_since = 0.0
        self._resume_at = float("-inf")
        self._unroutable = UnroutableTopics()
        self._publisher: Publisher | None = None
        self._must_redeclare = False
        self._redeclare_at = math.inf

    def step(self) -> int:
        """Publishes one batch; returns how many rows left the outbox.

        Raises:
            BusUnavailable: no connection, or the broker is blocked by an alarm. Every row is still in the outbox.
        """
        if not self.lease.hold() or self.monotonic() < self._resume_at:
            return 0
        if self.monotonic() >= self._redeclare_at:
            self._redeclare_at = math.inf  # first: if it fails, other topics are published all the same
            self.redeclare()
        with self.store.read() as connection:
            rows = outbox.pending(connection, BATCH, self._unroutable.backing_off(self.monotonic()))
        if not rows:
            return 0
        rows = [
            row if row.topic[:1] != DIRECT_PREFIX else row._replace(route=self.topology.route(row.topic))
            for row in rows
        ]
        result = self._publish(rows)
        self.observe(result)
        with self.store.uow() as unit:  # first, so that no failure below publishes the confirmed rows again
            published.keep_confirmed(unit.connection, rows, result.confirmed, self.store.clock.wall())
            unit.hint(PUBLISHED)
        self._handle_refused(rows, result)
        self._handle_unroutable(rows, result)
        return len(result.confirmed)

    def _publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        if self._publisher is None:
            self._publisher = self.bus.publisher()
        if self._must_redeclare:
            self.redeclare()
            self._must_redeclare = False
        try:
            return self._publisher.publish(rows)
        except BusUnavailable:
            self._must_redeclare = True
            raise

    def _handle_unroutable(self, rows: Sequence[OutboxRow], result: PublishResult) -> None:
        ids = set(result.unroutable)
        topics = {row.topic for row in rows if row.id in ids} if ids else set()
        self._unroutable.record(topics, {row.topic for row in rows}, self.monotonic())
        if topics:
            log.error("no queue takes %d events, which stay in the outbox: %s", len(ids), ", ".join(sorted(topics)))
            self._redeclare_at = min(self._redeclare_at, self.monotonic() + SETTLE_SECONDS)

    def _handle_refused(self, rows: Sequence[OutboxRow], result: PublishResult) -> None:
        """Pauses after refusals, longer each time: each attempt adds a copy to the queues that do take the event."""
        if not result.refused:
            self._refusals = 0
            return
        if self._refusals == 0:
            self._refused_since = self.monotonic()
        self._refusals += 1
        pause = _pause(self._refusals)
        self._resume_at = self.monotonic() + pause
        log.error("the broker refused %d events; they stay in the outbox, retry in %.1f s", len(result.refused), pause)
        # a channel on which RabbitMQ refused keeps being refused even after the queue's limit was lifted
        self._close_publisher()
        if self.monotonic() - self._refused_since >= REPLACE_AFTER:
            self._refused_since = self.monotonic()
            ids = set(result.refused)
            self._replace_unusable({row.topic for row in rows if row.id in ids})

    def _replace_unusable(self, topics: set[str]) -> None:
        """Has the queues replaced whose data the broker has lost: those of the services, and of the agencies whose events are refused."""
        agencies = sorted(topic.removeprefix(AGENCY_PREFIX) for topic in topics if topic.startswith(AGENCY_PREFIX))
        concerned = Topology(self.topology.subscriptions, tuple(agencies))
        if replaced := self.bus.replace_unusable(concerned):
            log.error("the broker had lost the data of queues, which are now made anew: %s", ", ".join(replaced))

    def close(self) -> None:
        """Releases the lease and closes the connection."""
        self._close_publisher()
        self.lease.release()

    def _close_publisher(self) -> None:
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None
