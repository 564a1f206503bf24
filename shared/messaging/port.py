"""The interface of both transports: RabbitMQ and the embedded file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.messaging.outbox import OutboxRow
from shared.messaging.topology import Generation, Topology


class BusUnavailable(ConnectionError):
    """The transport cannot be reached, does not answer, or is blocked. Retry later; nothing is lost."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that was taken and not acknowledged yet.

    Attributes:
        body: the bytes as they were published.
        tag: identifies it to the transport.
        attempts: how often it was delivered before (0 the first time).
        sender: the code of the agency that sent it, as the transport has verified; "" for the platform's own services.
    """

    body: bytes
    tag: int
    attempts: int = 0
    sender: str = ""


@dataclass(frozen=True, slots=True)
class PublishResult:
    """The result of a published batch, by outbox row id.

    Attributes:
        confirmed: in every queue of its topic.
        unroutable: no queue takes the topic.
        refused: the broker refused it (a full queue, for example), or it can never be a message.
    """

    confirmed: list[int] = field(default_factory=list)
    unroutable: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


class Publisher(Protocol):
    """Publishes events. Used by one thread."""

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """Publishes a batch in order and waits until each is confirmed, returned or refused.

        Raises:
            BusUnavailable: the result of some rows is unknown; all may be published again.
        """
        ...

    def close(self) -> None: ...


class Consumer(Protocol):
    """Consumes the messages of one service. Used by one thread."""

    def take(self, most: int, seconds: float) -> list[Delivery]:
        """Waits up to `seconds` for messages and returns at most `most`, oldest first. The transport keeps them until `done`.

        Raises:
            BusUnavailable: messages that were not acknowledged will be delivered again.
        """
        ...

    def interrupt(self) -> None:
        """Ends a `take` that waits in another thread; later ones wait no more."""
        ...

    def done(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledges, after the effects are committed. The deliveries must be all that were taken, up to the last one given."""
        ...

    def close(self) -> None: ...


class PartitionQueues(Protocol):
    """The partitions of one service at a broker."""

    def route(
        self, read: Callable[[], Sequence[Generation]], record_routed: Callable[[Generation], None]
    ) -> Routed | None:
        """Leads the service's events to its newest generation, which is declared if it is not there. Safe to repeat.

        One that got no events yet gets none before all of its queues are usable and will stay so whatever happens to the broker.

        Args:
            read: reads the generations, oldest first. It is called when no other process can change where the events go.
            record_routed: called before a generation gets its first event.

        Returns:
            `None` if another process is just doing it.

        Raises:
            BusUnavailable: the broker cannot be reached.
        """
        ...

    def remove(self, first: int, end: int, force: bool = False) -> bool:
        """Deletes the queues of generations that get nothing more; false if somebody still consumes one.

        Args:
            first: the number of the first generation. Queues of later ones are left where they are if the broker cannot delete them.
            end: the number of the first generation that stays.
            force: delete those that are consumed, too.

        Raises:
            BusUnavailable: the broker cannot be reached.
        """
        ...

    def look(self, queues: Sequence[str]) -> list[QueueState]:
        """The state of each queue.

        Raises:
            BusUnavailable: the broker cannot be reached.
        """
        ...

    def send(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """Publishes rows over a connection of their own.

        Raises:
            BusUnavailable: the broker cannot be reached.
        """
        ...


@dataclass(frozen=True, slots=True)
class Routed:
    """What `PartitionQueues.route` found.

    Attributes:
        missing: exchanges and queues of the newest generation that were not there.
        highest: the highest number of a generation that the broker knows.
        unusable: a queue of the newest generation that keeps it from getting events; "" if there is none.
    """

    missing: list[str]
    highest: int
    unusable: str = ""


@dataclass(frozen=True, slots=True)
class QueueState:
    """What the broker says of a queue. A queue whose leader is away seems to have nothing and nobody.

    Attributes:
        name: its name.
        waiting: messages that nobody has got.
        consumers: how many processes consume it; of one with a single active consumer at most 1.
    """

    name: str
    waiting: int
    consumers: int


class Bus(Protocol):
    """A transport."""

    def declare(self, topology: Topology) -> None:
        """Creates the exchanges, queues and bindings that do not exist yet."""
        ...

    def repair(self, service: str, topology: Topology) -> list[str]:
        """Restores what is missing of a service's exchanges, queues and bindings; cheap enough to be called all the time.

        Returns:
            what was missing, as far as the transport tells: RabbitMQ does not say whether a binding was there.

        Raises:
            BusUnavailable: the transport cannot be reached.
        """
        ...

    def replace_unusable(self, topology: Topology) -> list[str]:
        """Deletes and declares again the queues that exist but can never be used again, because the transport lost their data.

        It asks much of the transport: only for one who was refused for some time.

        Returns:
            their names.

        Raises:
            BusUnavailable: the transport cannot be reached.
        """
        ...

    def publisher(self) -> Publisher: ...

    def consumer(
        self, service: str, topology: Topology, generation: Generation | None = None, queues: Sequence[str] = ()
    ) -> Consumer:
        """The consumer of a service's queue, and of partitions.

        Args:
            service: its name.
            topology: all subscriptions.
            generation: the service's partitions, of which it may have to declare some again.
            queues: the names of the partitions to consume.
        """
        ...

    def partitions(self, service: str) -> PartitionQueues | None:
        """The partitions of a service; none where the transport cannot divide a queue."""
        ...

    def dead_letters(self, service: str, topology: Topology) -> Consumer:
        """The consumer of the service's dead letters: messages that the broker stopped delivering."""
        ...

    def depth(self, queue: str) -> int:
        """How many messages wait in a queue; 0 if there is no such queue. Unacknowledged ones count or not, depending on the transport."""
        ...

    def depths(self, queues: Sequence[str]) -> list[int]:
        """The same of several queues, over one connection, in their order."""
        ...
