"""Declares, binds and deletes the partitions of a service at the broker.

Only one connection at a time changes where the events of a service go: the one that holds an exclusive queue, which exists as long as
its connection. A process that is paused in between loses the connection, by its heartbeat, before another one gets the lock, and can
then change nothing any more. So what it has read from the service's database while it held the lock is still true whenever it
changes something.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from itertools import count

from amqp.exceptions import ResourceLocked
from kombu import Connection
from kombu.transport.pyamqp import Channel

from shared.messaging import entities
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import PublishResult, QueueState, Routed
from shared.messaging.rabbitmq.admin import connected, missing_entities
from shared.messaging.rabbitmq.endpoint import Endpoint
from shared.messaging.rabbitmq.new_queues import SAVE_SECONDS, first_unusable, try_delete
from shared.messaging.rabbitmq.publisher import RabbitMqPublisher
from shared.messaging.rabbitmq.queue_state import queue_state
from shared.messaging.topology import Generation

log = logging.getLogger(__name__)


def declare_generation(channel: Channel, generation: Generation) -> None:
    """Creates the exchanges and the queues of a generation; nothing leads to them yet."""
    if generation.number == 0:
        return
    rest, exchange = entities.rest_exchange(generation), entities.partition_exchange(generation)
    rest(channel).declare()
    exchange(channel).declare()
    for queue in entities.partition_queues(generation):
        queue(channel).declare()
    channel.queue_bind(generation.queue_names[0], rest.name)
    for topic, name in generation.slot_queues.items():
        channel.queue_bind(name, exchange.name, topic, nowait=True)
    exchange(channel).declare()  # the answer comes when all are bound


def declare_partitions(endpoint: Endpoint, name: str, generation: Generation) -> None:
    """Creates the exchange and the queues of a generation over a connection of its own.

    Raises:
        TopologyConflict: something of the same name exists with other properties.
        BusUnavailable: the broker cannot be reached or refuses.
    """
    with connected(endpoint, name) as connection, connection.channel() as channel:
        declare_generation(channel, generation)


class RabbitMqPartitions:
    """The partitions of one service. All methods raise BusUnavailable when the broker cannot be reached or refuses.

    Args:
        endpoint: the broker.
        name: shown to the broker's administrators.
        service: the service's name.
    """

    def __init__(self, endpoint: Endpoint, name: str, service: str) -> None:
        self._endpoint = endpoint
        self._name = name
        self._service = service

    def route(
        self, read: Callable[[], Sequence[Generation]], record_routed: Callable[[Generation], None]
    ) -> Routed | None:
        """Leads the service's events to its newest generation, which is declared if it is not there. Safe to repeat.

        Events that come in between reach both generations, and the inbox ignores the second copy; none reaches neither.

        Args:
            read: reads the generations, oldest first, while this process holds the lock.
            record_routed: called before a generation gets its first event.

        Returns:
            `None` if another process is just doing it.
        """
        with (
            connected(self._endpoint, self._name, self._endpoint.heartbeat) as connection,
            connection.channel() as channel,
        ):
            try:
                channel.queue_declare(f"motcua.{self._service}.lock", exclusive=True, auto_delete=False)
            except ResourceLocked:
                return None
            generations = read()
            oldest, newest = generations[0], generations[-1]
            highest = self._highest(connection, newest.number)
            missing: list[str] = []
            if newest.number and highest == newest.number:
                missing = _missing(connection, newest)
                declare_generation(channel, newest)
                if not newest.routed:
                    if unusable := self._wait_until_saved(newest):
                        return Routed(missing, highest, unusable)
                    record_routed(newest)
                self._bind(channel, oldest.number, newest)
        return Routed(missing, highest)

    def _wait_until_saved(self, generation: Generation) -> str:
        """Waits until the broker cannot lose the queues any more; returns one that it has lost already.

        If the broker is killed in the meantime, the caller's connection is lost too, and it binds nothing.
        """
        time.sleep(SAVE_SECONDS)
        return first_unusable(self._endpoint, self._name, generation.queue_names)

    def _bind(self, channel: Channel, oldest: int, newest: Generation) -> None:
        entry = f"motcua.{self._service}"
        channel.exchange_bind(newest.exchange_name, entry, "")
        for number in range(max(oldest, 1), newest.number):
            channel.exchange_unbind(Generation(self._service, number).exchange_name, entry, "")

    def _highest(self, connection: Connection, known: int) -> int:
        """The highest number of a generation that was ever declared. Exchanges stay when their queues are deleted, so none is left out."""
        for number in count(known + 1):
            if missing_entities(connection, "exchange_declare", [Generation(self._service, number).exchange_name]):
                return number - 1
        raise AssertionError("unreachable")

    def remove(self, first: int, end: int, force: bool = False) -> bool:
        """Deletes the queues of generations that get nothing more; false if somebody still consumes one.

        Args:
            first: the number of the first generation. Queues of later ones are left where they are if the broker cannot delete them.
            end: the number of the first generation that stays.
            force: delete those that are consumed, too.
        """
        with connected(self._endpoint, self._name) as connection:
            found = {number: self._existing(connection, number) for number in range(max(first, 1), end)}
            if not force and any(state.consumers for states in found.values() for state in states):
                return False
            with connection.channel() as channel:
                for state in reversed(
                    found.pop(first, ())
                ):  # the last one first: whoever goes on looks from the first one on
                    channel.queue_delete(state.name)
        for state in reversed([state for states in found.values() for state in states]):
            if not try_delete(self._endpoint, self._name, state.name):
                log.error("the broker cannot delete queue %s, which is empty and not used any more", state.name)
        return True

    def _existing(self, connection: Connection, number: int) -> Sequence[QueueState]:
        found: list[QueueState] = []
        for index in count():
            state = queue_state(connection, f"{Generation(self._service, number).exchange_name}.{index}")
            if state is None:
                return found
            found.append(state)
        raise AssertionError("unreachable")

    def look(self, queues: Sequence[str]) -> list[QueueState]:
        """The state of each queue; one that does not exist has nothing and nobody."""
        with connected(self._endpoint, self._name) as connection:
            return [queue_state(connection, queue) or QueueState(queue, 0, 0) for queue in queues]

    def send(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """Publishes rows over a connection of their own."""
        publisher = RabbitMqPublisher(self._endpoint, self._name)
        try:
            return publisher.publish(rows)
        finally:
            publisher.close()


def _missing(connection: Connection, generation: Generation) -> list[str]:
    exchanges = missing_entities(connection, "exchange_declare", [generation.exchange_name])
    queues = missing_entities(connection, "queue_declare", generation.queue_names)
    return [f"exchange {name}" for name in exchanges] + [f"queue {name}" for name in queues]
