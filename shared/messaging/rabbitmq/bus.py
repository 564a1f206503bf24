"""The RabbitMQ transport of one broker."""

from __future__ import annotations

from collections.abc import Sequence

from shared.messaging.rabbitmq import admin
from shared.messaging.rabbitmq.consumer import RabbitMqConsumer
from shared.messaging.rabbitmq.endpoint import parse_endpoint
from shared.messaging.rabbitmq.partitions import RabbitMqPartitions, declare_partitions
from shared.messaging.rabbitmq.publisher import RabbitMqPublisher
from shared.messaging.rabbitmq.unusable_queues import replace_unusable
from shared.messaging.topology import Generation, Topology


class RabbitMqBus:
    """A RabbitMQ broker, 3.10 or later. Publishers and consumers connect when they are first used, so it may be made before a fork.

    Args:
        url: see `shared.messaging.rabbitmq.endpoint.parse_endpoint`.
        name: of this process, for the broker's administrators.

    Raises:
        ValueError: the URL is invalid.
    """

    def __init__(self, url: str, name: str) -> None:
        self._endpoint = parse_endpoint(url)
        self._name = name

    def __repr__(self) -> str:
        return f"RabbitMqBus({self._endpoint.address})"

    def declare(self, topology: Topology) -> None:
        """Creates exchanges, queues and bindings that do not exist yet. Bindings that the topology no longer has stay.

        Raises:
            TopologyConflict: something of the same name exists with other properties.
            BusUnavailable: the broker cannot be reached or refuses.
        """
        admin.declare(self._endpoint, f"{self._name} declare", topology)

    def repair(self, service: str, topology: Topology) -> list[str]:
        """Restores what is missing of a service's exchanges, queues and bindings.

        Returns:
            the exchanges and queues that were missing; of a binding the broker does not say whether it was there.

        Raises:
            TopologyConflict: something of the same name exists with other properties.
            BusUnavailable: the broker cannot be reached or refuses.
        """
        return admin.repair(self._endpoint, f"{self._name} check of {service}", service, topology)

    def replace_unusable(self, topology: Topology) -> list[str]:
        """Deletes and declares again the queues that exist but can never be used again, because the broker lost their data.

        Returns:
            their names.

        Raises:
            BusUnavailable: the broker cannot be reached or refuses.
        """
        return replace_unusable(self._endpoint, f"{self._name} replace", topology)

    def publisher(self) -> RabbitMqPublisher:
        """A publisher with a connection of its own."""
        return RabbitMqPublisher(self._endpoint, f"{self._name} publisher")

    def consumer(
        self, service: str, topology: Topology, generation: Generation | None = None, queues: Sequence[str] = ()
    ) -> RabbitMqConsumer:
        """The consumer of a service's queue and of some of its partitions, with a connection of its own."""
        own = topology.of(service)
        names = (own.queue_name, own.presence_queue_name, *queues)
        return self._consumer(f"consumer of {service}", names, service, topology, generation)

    def partitions(self, service: str) -> RabbitMqPartitions:
        """The partitions of a service."""
        return RabbitMqPartitions(self._endpoint, f"{self._name} partitions of {service}", service)

    def dead_letters(self, service: str, topology: Topology) -> RabbitMqConsumer:
        """The consumer of the service's dead letters: messages delivered `DELIVERY_LIMIT` times without an acknowledgement."""
        return self._consumer(
            f"dead letters of {service}", (topology.of(service).dead_letter_queue_name,), service, topology
        )

    def depth(self, queue: str) -> int:
        """How many messages wait in a queue, without unacknowledged ones, which AMQP does not report; 0 if there is no such queue.

        Raises:
            BusUnavailable: the broker cannot be reached or refuses.
        """
        return self.depths([queue])[0]

    def depths(self, queues: Sequence[str]) -> list[int]:
        """The same of several queues, over one connection.

        Raises:
            BusUnavailable: the broker cannot be reached or refuses.
        """
        return admin.depths(self._endpoint, f"{self._name} depth", queues)

    def _consumer(
        self,
        purpose: str,
        queues: tuple[str, ...],
        service: str,
        topology: Topology,
        generation: Generation | None = None,
    ) -> RabbitMqConsumer:
        own = Topology((topology.of(service),))

        def redeclare() -> None:
            self.declare(own)
            if generation is not None and generation.number:
                declare_partitions(self._endpoint, f"{self._name} declare", generation)

        return RabbitMqConsumer(
            self._endpoint,
            f"{self._name} {purpose}",
            queues,
            redeclare=redeclare,
            replace_unusable=lambda: replace_unusable(self._endpoint, f"{self._name} replace", own, generation),
        )
