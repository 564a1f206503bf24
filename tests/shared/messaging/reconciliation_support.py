"""A publisher and its subscribers on one bus, moved by hand: relays, workers and reconciliation, with a clock that the test sets."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from shared.contracts import REGISTRY, platform_topology
from shared.messaging import outbox, retry_queue
from shared.messaging.apply import Applier, Handler
from shared.messaging.event import Event
from shared.messaging.lease import Lease, open_locks
from shared.messaging.port import Bus, BusUnavailable
from shared.messaging.reconciliation import windows
from shared.messaging.relay import Relay
from shared.messaging.retry_policy import RetryPolicy
from shared.messaging.topology import Generation
from shared.messaging.transports import open_bus
from shared.messaging.worker import BatchConsumer
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from tests.support.stores import HandClock, bus_store, effects

AGE = timedelta(seconds=5)
TAKE_SECONDS = {"embedded": 0.0, "amqp": 0.03}
"""How long a consumer waits: what is in a file is there at once, a broker needs a moment to deliver it."""


def record_once(received: Event, work: UnitOfWork) -> None:
    """Keeps each event with its place in the order of application; fails if it is applied twice."""
    place = len(work.connection.execute(select(effects.c.event_id)).all())
    values = {
        "event_id": received.id,
        "key": received.key,
        "sequence": received.sequence,
        "times": 1,
        "place": place,
    }
    work.execute(effects.insert().values(values))


class Node:
    """One service: its store, relay and worker.

    Args:
        name: the service.
        url: its database.
        bus_url: the bus.
        hand: the clock.
        partitions: queues of each service on a broker.
    """

    def __init__(self, name: str, url: str, bus_url: str, hand: HandClock, partitions: int = 1) -> None:
        self.name = name
        self.hand = hand
        self.store: Store = bus_store(url, name, hand)
        self.bus: Bus = open_bus(bus_url, name)
        self.topology = platform_topology()
        self.bus.declare(self.topology)
        generation = Generation(name) if partitions == 1 else Generation(name, 1, partitions)
        if (queues := self.bus.partitions(name)) is not None:
            queues.route(lambda: [Generation(name), generation], lambda _: None)
        handlers: dict[str, Handler] = dict.fromkeys(REGISTRY.by_name, record_once)
        self.resent = 0
        self.applier = Applier(self.store, handlers, RetryPolicy(), self._count_resent)
        self.relay = Relay(
            self.store,
            self.bus,
            Lease(open_locks(self.store.engine, name, 3.0), "relay"),
            redeclare=lambda: self.bus.declare(self.topology),
            monotonic=hand,
            topology=self.topology,
        )
        wait = TAKE_SECONDS[bus_url.partition(":")[0]]
        consumed = generation.queue_names if generation.number else ()
        self.worker = BatchConsumer(
            lambda: self.bus.consumer(name, self.topology, generation, consumed), self.applier.apply, wait
        )

    def _count_resent(self, _subscriber: str, count: int) -> None:
        self.resent += count

    def emit(self, event: str, keys: Sequence[str]) -> None:
        """Commits one event for each key, in order."""
        entry = REGISTRY.by_name[event]
        data = entry.schema.load(entry.example)
        for key in keys:
            with self.store.uow() as unit:
                unit.emit(event, {**data, entry.key: key})

    def publish(self) -> int:
        """Publishes what is in the outbox; returns how many rows that were."""
        done = 0
        with contextlib.suppress(BusUnavailable):  # the exchange was deleted, and is declared again
            while step := self.relay.step():
                done += step
        return done

    @property
    def pending(self) -> int:
        """Rows in the outbox."""
        with self.store.read() as connection:
            return outbox.backlog(connection)[0]

    def consume(self) -> int:
        """Applies what is in the queue, and what waited for it; returns how many messages were taken."""
        taken = 0
        with contextlib.suppress(BusUnavailable):  # a queue was deleted, and is declared again
            while step := self.worker.step():
                taken += step
        self.applier.retry_due()
        return taken

    def reconcile(self) -> int:
        """One round of the publisher's reconciliation; returns how many summaries were written."""
        at = self.store.clock.wall()
        self.store.run(lambda unit: windows.close_windows(unit.connection, AGE, at))
        return self.store.run(lambda unit: windows.send_summaries(unit.connection, self.name, at))

    @property
    def unsettled(self) -> int:
        """What its subscribers have not confirmed."""
        with self.store.read() as connection:
            return windows.unsettled(connection)

    @property
    def applied(self) -> list[tuple[str, int]]:
        """Key and sequence of the events that were applied, in the order of application."""
        with self.store.read() as connection:
            rows = connection.execute(select(effects.c.key, effects.c.sequence).order_by(effects.c.place))
            return [(key, sequence) for key, sequence in rows]

    @property
    def waiting(self) -> dict[str, int]:
        """The counts of its retry queue."""
        with self.store.read() as connection:
            return retry_queue.counts(connection)

    def close(self) -> None:
        """Closes everything."""
        self.relay.close()
        self.worker.close()
        self.store.close()


def settle(hand: HandClock, *nodes: Node, rounds: int = 20) -> float:
    """Lets all services work, round by round, until every subscriber has confirmed everything; returns how many seconds it took.

    Raises:
        AssertionError: something is not confirmed after all rounds.
    """
    started = hand()
    for _ in range(rounds):
        if not any(node.unsettled or node.pending for node in nodes):
            return hand() - started
        hand.pass_(3.0)
        for node in nodes:
            node.reconcile()
        for _ in range(3):
            published = sum([node.publish() for node in nodes])
            if published + sum([node.consume() for node in nodes]) == 0:
                break
    raise AssertionError({node.name: (node.unsettled, node.pending, node.waiting) for node in nodes})


def since_start(hand: HandClock) -> datetime:
    """A moment before everything."""
    return datetime.fromtimestamp(hand() - 3600).astimezone()
