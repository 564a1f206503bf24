"""A subscriber that records every event of a platform, through the public API of the bus."""

from __future__ import annotations

from shared.contracts import REGISTRY
from shared.messaging.event import Event
from shared.messaging.port import BusUnavailable
from shared.messaging.topology import Subscription, Topology
from shared.messaging.transports import open_bus
from tests.support.processes import wait_until

NAME = "event-recorder"


class EventRecorder:
    """Records all events from its creation on.

    Args:
        bus_url: the bus.
    """

    def __init__(self, bus_url: str) -> None:
        topics = tuple(entry.type.removeprefix("vn.motcua.") for entry in REGISTRY.by_name.values())
        self._topology = Topology((Subscription(NAME, topics),))
        bus = open_bus(bus_url, NAME)
        bus.declare(self._topology)
        self._consumer = bus.consumer(NAME, self._topology)
        self._seen: list[Event] = []

    def seen(self, name: str = "") -> list[Event]:
        """All events so far, or those of one name."""
        self._take()
        return [event for event in self._seen if not name or event.name == name]

    def wait_for(self, name: str, count: int = 1) -> list[Event]:
        """Waits until `count` events of a name were recorded; returns all events of the name."""
        wait_until(lambda: len(self.seen(name)) >= count, what=f"{count} × {name}")
        return self.seen(name)

    def close(self) -> None:
        """Closes the connection."""
        self._consumer.close()

    def _take(self) -> None:
        try:
            while deliveries := self._consumer.take(500, 0.05):
                self._seen += [Event.from_json(delivery.body) for delivery in deliveries]
                self._consumer.done(deliveries)
        except BusUnavailable:
            return  # unacknowledged events are delivered again
