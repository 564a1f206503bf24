"""Which service subscribes to which topics; names of exchanges and queues, for both transports.

What all processes know is the same for any number of partitions: topics lead to a service's *entry exchange*, and from there to its
partitions, or to its one queue while it has none. Who publishes need not know which. `entities` makes the broker's entities from it, so
that a machine without a broker need not load kombu.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.messaging.event import AGENCY_PREFIX, event_type, routing_key

SETTLE_SECONDS = 0.5
"""Between the discovery that a queue is gone and its new declaration: the broker first has to tell the consumers of the old one, or it
forgets them; see `shared.messaging.delivery_probe`."""
EVENTS_EXCHANGE = "motcua.events"
DEAD_LETTER_EXCHANGE = "motcua.dead"
DIRECT_PREFIX = "@"
"""Begins the topic of an outbox row that is for one service only; the service's name follows."""

SLOTS = 64
"""The keys of events are divided into so many slots, whose number never changes; each slot belongs to one partition."""

Route = tuple[str, str]
"""An exchange and a routing key."""


def direct_topic(service: str) -> str:
    """The topic of outbox rows that reach one service only, through its queue and without a binding."""
    return DIRECT_PREFIX + service


def slot_topic(slot: int) -> str:
    """The second routing key of all events of a slot."""
    return f"slot-{slot}"


def slot_of(key: str) -> int:
    """The slot of an event's key, the same on every machine.

    Raises:
        UnicodeEncodeError: the key is not text.
    """
    return zlib.crc32(key.encode()) % SLOTS


@dataclass(frozen=True)
class Subscription:
    """The subscription of one service.

    Attributes:
        service: the service's name.
        topics: routing keys (event types without the common prefix) of the platform's events.
        receives_agency_events: whether it also gets all events of agencies.
    """

    service: str
    topics: tuple[str, ...]
    receives_agency_events: bool = False

    @property
    def queue_name(self) -> str:
        """The name of the queue that gets what the entry exchange has no partition for: everything, until there are partitions."""
        return f"motcua.{self.service}"

    @property
    def entry_exchange_name(self) -> str:
        """The name of the exchange that everything for the service goes through."""
        return f"motcua.{self.service}"

    @property
    def presence_queue_name(self) -> str:
        """The name of the queue that shows how many worker processes there are; nobody sends anything to it."""
        return f"motcua.{self.service}.workers"

    @property
    def undivided_exchange_name(self) -> str:
        """The name of the entry exchange's alternate, which leads to the service's queue."""
        return f"motcua.{self.service}.undivided"

    @property
    def direct_route(self) -> Route:
        """What reaches the service whatever its topics."""
        return (self.entry_exchange_name, "")

    @property
    def dead_letter_queue_name(self) -> str:
        """The name of the service's queue of dead letters."""
        return f"motcua.{self.service}.dead"


@dataclass(frozen=True, order=True)
class Generation:
    """The partitions of a service between two changes of their number. Each change makes a new generation, with queues of its own, so that
    no process ever takes a queue of one for a queue of another.

    Attributes:
        service: the service's name.
        number: 0 for the service's one queue, before the first change.
        partitions: how many queues.
        drained: whether everything that it got is applied; it gets nothing more.
        routed: whether events may have been sent to it.
    """

    service: str
    number: int = 0
    partitions: int = 1
    drained: bool = False
    routed: bool = field(default=True, compare=False)

    @property
    def exchange_name(self) -> str:
        """The name of the exchange that distributes the slots over the queues; number 0 has none."""
        return f"motcua.{self.service}.{self.number}"

    @property
    def rest_exchange_name(self) -> str:
        """The name of that exchange's alternate, for messages without a slot, such as those of agencies. It ends with its queue."""
        return f"{self.exchange_name}.rest"

    @property
    def slot_queues(self) -> dict[str, str]:
        """The second routing key of each slot → its queue."""
        return {slot_topic(slot): self.queue_names[slot % self.partitions] for slot in range(SLOTS)}

    @property
    def queue_names(self) -> tuple[str, ...]:
        """The names of its queues."""
        if self.number == 0:
            return (f"motcua.{self.service}",)
        return tuple(f"{self.exchange_name}.{index}" for index in range(self.partitions))


@dataclass(frozen=True)
class Topology:
    """All subscriptions that a process knows. A relay must know all, so that no event is published before its queues exist.

    Attributes:
        subscriptions: of the platform's own services.
        agencies: codes of agencies that have a queue of their own.
    """

    subscriptions: tuple[Subscription, ...]
    agencies: tuple[str, ...] = ()

    def of(self, service: str) -> Subscription:
        """One service's subscription."""
        return next(sub for sub in self.subscriptions if sub.service == service)

    def route(self, topic: str) -> Route | None:
        """Where the outbox rows of a topic go if they are for one service only; `None` if they are for all subscribers.

        A service that there is not (any more) has no queue, so its rows are unroutable.
        """
        if not topic.startswith(DIRECT_PREFIX):
            return None
        service = topic.removeprefix(DIRECT_PREFIX)
        known = (sub.direct_route for sub in self.subscriptions if sub.service == service)
        return next(known, ("", f"motcua.{service}"))


def topology(handlers: Mapping[str, Iterable[str]], agencies: Iterable[str] = ()) -> Topology:
    """Builds the topology of a platform from the events that its services handle.

    Args:
        handlers: service → short names of the events it handles; one that handles any ``agency.…`` gets all events of agencies.
        agencies: codes of agencies that have a queue of their own.
    """
    subscriptions = (_subscription(service, tuple(names)) for service, names in sorted(handlers.items()))
    return Topology(tuple(subscriptions), tuple(agencies))


def _subscription(service: str, names: tuple[str, ...]) -> Subscription:
    topics = sorted(routing_key(event_type(name)) for name in names if not name.startswith(AGENCY_PREFIX))
    receives_agency_events = any(name.startswith(AGENCY_PREFIX) for name in names)
    return Subscription(service, tuple(topics), receives_agency_events)
