"""Who listens to what: exchanges, queues and topics by name, for both carriers.

The broker's entities with all their properties are made from it in `entities`, so that a machine without a broker need not load kombu.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.bus.event import event_type, routing_key

EVENTS_EXCHANGE = "motcua.events"
DEAD_EXCHANGE = "motcua.dead"


@dataclass(frozen=True)
class Subscription:
    """What one service listens to.

    Attributes:
        service: the service's name.
        topics: routing keys (event types without the common prefix).
        partitions: 1 for one queue; N to spread the keys over N queues behind a consistent-hash exchange.
    """

    service: str
    topics: tuple[str, ...]
    partitions: int = 1

    @property
    def queue_names(self) -> tuple[str, ...]:
        """The names of the service's queues."""
        if self.partitions == 1:
            return (f"motcua.{self.service}",)
        return tuple(f"motcua.{self.service}.{number}" for number in range(self.partitions))

    @property
    def spread_name(self) -> str:
        """The name of the exchange that spreads a partitioned service's events over its queues."""
        return f"motcua.{self.service}"

    @property
    def dead_name(self) -> str:
        """The name of the queue for what the broker gave up on."""
        return f"motcua.{self.service}.dead"


@dataclass(frozen=True)
class Topology:
    """All subscriptions that a process knows of. A relay must know all of them, so that no event is published before its queues are."""

    subscriptions: tuple[Subscription, ...]

    def of(self, service: str) -> Subscription:
        """One service's subscription."""
        return next(sub for sub in self.subscriptions if sub.service == service)


def topology(handlers: Mapping[str, Iterable[str]], partitions: int = 1) -> Topology:
    """The topology of a platform.

    Args:
        handlers: service → the short names of the events it handles.
        partitions: queues for each service.
    """
    return Topology(
        tuple(
            Subscription(service, tuple(sorted(routing_key(event_type(name)) for name in names)), partitions)
            for service, names in sorted(handlers.items())
        )
    )
