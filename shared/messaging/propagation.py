"""Whether everything that was published has been applied: for simulations and tests, which must know when nothing more will follow.

Events lead to further events. So it is not enough that the outboxes are empty: each event that left one must be in the inbox of every
subscriber, and none may wait there to be tried again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from shared.messaging import inbox
from shared.messaging.event import event_source
from shared.messaging.retry_policy import WAITING
from shared.messaging.tables import outbox, published_events, retry_queue
from shared.messaging.topology import Topology
from shared.persistence.store import Store

MOST_AT_ONCE = 2000


class Propagation:
    """Watches the databases of all services. Nothing is looked at twice once it has been found applied.

    Args:
        stores: service → its database.
        topology: who subscribes to what.
    """

    def __init__(self, stores: Mapping[str, Store], topology: Topology) -> None:
        self._stores = stores
        self._subscribers: dict[str, list[str]] = defaultdict(list)
        for subscription in topology.subscriptions:
            for topic in subscription.topics:
                self._subscribers[topic].append(subscription.service)
        self._floor: dict[str, int] = dict.fromkeys(stores, 0)
        self._noted: dict[str, dict[str, int]] = {service: {} for service in stores}
        self._open: dict[tuple[str, str], set[str]] = defaultdict(set)

    def finished(self) -> bool:
        """Whether every event is applied by every subscriber, and none was written meanwhile.

        An event and the events to which it led are committed together, and one that leaves an outbox is kept as published in one
        transaction. So when all that is known is applied, all outboxes are empty and nothing new is published after that, there is
        nothing more.
        """
        self._read_published()
        if not self._all_applied():
            return False
        if any(self._waits(store) for store in self._stores.values()):
            return False
        if self._read_published():
            return False
        for service, noted in self._noted.items():
            self._floor[service] = max(noted.values(), default=self._floor[service])
            noted.clear()
        return True

    def _read_published(self) -> int:
        """Notes who must apply what was published since the last look; returns how many events that are."""
        return sum(self._read_of(service, store) for service, store in self._stores.items())

    def _read_of(self, service: str, store: Store) -> int:
        """Reads all since everything was finished last: of two events, the one with the lower position may be committed later."""
        columns, noted, count = published_events.c, self._noted[service], 0
        newer = select(columns.position, columns.event_id, columns.topic).where(columns.position > self._floor[service])
        with store.read() as connection:
            rows = connection.execute(newer).all()
        for position, event_id, topic in rows:
            if event_id in noted:
                continue
            noted[event_id] = position
            count += 1
            for subscriber in self._subscribers.get(topic, ()):
                self._open[event_source(service), subscriber].add(event_id)
        return count

    def _all_applied(self) -> bool:
        for (source, subscriber), ids in self._open.items():
            wanted = list(ids)
            for start in range(0, len(wanted), MOST_AT_ONCE):
                part = wanted[start : start + MOST_AT_ONCE]
                with self._stores[subscriber].read() as connection:
                    known = inbox.known(connection, source, part)
                ids -= known
                if len(known) < len(part):
                    return False
        return True

    def unapplied(self) -> list[str]:
        """Which events are not applied as far as is known, for a report: source, subscriber and number."""
        return [f"{source} to {to}: {len(ids)}" for (source, to), ids in sorted(self._open.items()) if ids]

    def _waits(self, store: Store) -> bool:
        with store.read() as connection:
            return any(connection.execute(statement).first() is not None for statement in (_UNSENT, _RETRIED))


_UNSENT = select(outbox.c.id).limit(1)
_RETRIED = select(retry_queue.c.id).where(retry_queue.c.state == WAITING).limit(1)


def parked(stores: Mapping[str, Store]) -> Sequence[str]:
    """What a person must decide before it is applied: service and reason of each."""
    columns, found = retry_queue.c, []
    for service, store in stores.items():
        with store.read() as connection:
            rows = connection.execute(select(columns.type, columns.reason).where(columns.state != WAITING)).all()
        found += [f"{service} parks {type_}: {reason}" for type_, reason in rows]
    return found
