"""Exchanges, queues and bindings, declared once as kombu entities; both carriers read them here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kombu import Exchange, Queue, binding

from shared.bus.event import event_type, routing_key

EVENTS = Exchange("motcua.events", type="topic", durable=True)
DELIVERY_LIMIT = 20


def dead_exchange() -> Exchange:
    """Where the broker puts what it gives up on; one queue for each service behind it."""
    return Exchange("motcua.dead", type="direct", durable=True)


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
    def dead_name(self) -> str:
        """The name of the queue for what the broker gave up on."""
        return f"motcua.{self.service}.dead"

    @property
    def hash_exchange(self) -> Exchange:
        """Spreads a partitioned service's events over its queues by the `partitionkey` header."""
        return Exchange(
            f"motcua.{self.service}", type="x-consistent-hash", durable=True, arguments={"hash-header": "partitionkey"}
        )

    def queues(self) -> list[Queue]:
        """The service's queues with their bindings: quorum, single active consumer, dead-lettering at least once."""
        arguments = {
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": dead_exchange().name,
            "x-dead-letter-routing-key": self.service,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",  # required by at-least-once dead-lettering
        }
        if self.partitions == 1:
            bindings = [binding(EVENTS, routing_key=topic) for topic in self.topics]
            return [Queue(self.queue_names[0], bindings=bindings, durable=True, queue_arguments=arguments)]
        return [
            Queue(name, exchange=self.hash_exchange, routing_key="10", durable=True, queue_arguments=arguments)
            for name in self.queue_names
        ]

    def dead_queue(self) -> Queue:
        """Keeps what the broker gave up on until a worker parks it where people can see it."""
        arguments = {"x-queue-type": "quorum"}
        return Queue(
            self.dead_name, exchange=dead_exchange(), routing_key=self.service, durable=True, queue_arguments=arguments
        )


@dataclass(frozen=True)
class Topology:
    """All subscriptions that a process knows of. A relay must know all of them, so that no event is published before its queues are."""

    subscriptions: tuple[Subscription, ...]

    def of(self, service: str) -> Subscription:
        """One service's subscription."""
        return next(sub for sub in self.subscriptions if sub.service == service)

    def queues_for(self, type_: str) -> list[str]:
        """The services' queues that an event type reaches (first queue of each, for the embedded carrier)."""
        topic = routing_key(type_)
        return [sub.queue_names[0] for sub in self.subscriptions if topic in sub.topics]


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
