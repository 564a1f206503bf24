"""The small port that both carriers (RabbitMQ and the embedded file) stand behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.messaging.outbox import OutboxRow
from shared.messaging.topology import Topology


class BusUnavailable(ConnectionError):
    """The carrier cannot be reached or has stopped answering; try again later, nothing is lost."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message in hand.

    Attributes:
        body: the bytes as they were published.
        tag: the carrier's own handle.
        attempts: how often the message was handed out before and came back (0 the first time).
        sender: the code of the agency that sent it, as the carrier itself knows; "" for the platform's own services.
    """

    body: bytes
    tag: int
    attempts: int = 0
    sender: str = ""


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What became of a published batch, by outbox row id."""

    confirmed: list[int] = field(default_factory=list)
    unroutable: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


class Publisher(Protocol):
    """Puts events on the bus. Used by one thread."""

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """Publishes a batch in order and waits until each is confirmed, returned or refused.

        Raises:
            BusUnavailable: the fate of some is unknown; all may be published again.
        """
        ...

    def close(self) -> None: ...


class Consumer(Protocol):
    """Takes messages of one service from the bus. Used by one thread."""

    def take(self, most: int, seconds: float) -> list[Delivery]:
        """Waits up to `seconds` for messages and returns at most `most`, oldest first; what is taken stays in hand until `done`.

        Raises:
            BusUnavailable: what was in hand will be handed out again.
        """
        ...

    def done(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledges; called only after the effects are committed. Deliveries must be all in hand up to the last one given."""
        ...

    def close(self) -> None: ...


class Bus(Protocol):
    """A carrier."""

    def declare(self, topology: Topology) -> None:
        """Creates what the topology names; harmless when it exists."""
        ...

    def publisher(self) -> Publisher: ...

    def consumer(self, service: str, topology: Topology) -> Consumer:
        """The consumer of a service's queue (or queues, when it is partitioned)."""
        ...

    def dead_letters(self, service: str, topology: Topology) -> Consumer:
        """The consumer of what the carrier itself gave up on."""
        ...

    def depth(self, queue: str) -> int:
        """How many messages wait in a queue; 0 when there is no such queue. Whether those in hand count is the carrier's own matter."""
        ...
