"""Declares the topology and counts messages, over short-lived kombu connections."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from amqp.exceptions import AMQPError, NotFound, PreconditionFailed
from kombu import Connection
from kombu.exceptions import KombuError
from kombu.transport.pyamqp import Channel

from shared.messaging import entities
from shared.messaging.port import BusUnavailable
from shared.messaging.rabbitmq.endpoint import Endpoint
from shared.messaging.rabbitmq.queue_state import queue_state
from shared.messaging.sender_identity import AGENCIES_EXCHANGE, AGENCY_BINDING_KEY
from shared.messaging.topology import DEAD_LETTER_EXCHANGE, EVENTS_EXCHANGE, SETTLE_SECONDS, Subscription, Topology


class TopologyConflict(RuntimeError):
    """The broker has an exchange or queue of this name with other properties; a person must resolve it."""


def declare(endpoint: Endpoint, name: str, topology: Topology) -> None:
    """Creates exchanges, queues and bindings that do not exist yet.

    Raises:
        TopologyConflict: something of the same name exists with other properties.
        BusUnavailable: the broker cannot be reached or refuses.
    """
    with connected(endpoint, name) as connection, connection.channel() as channel:
        entities.EVENTS(channel).declare()
        entities.AGENCIES(channel).declare()
        entities.DEAD_LETTERS(channel).declare()
        for subscription in topology.subscriptions:
            _declare_subscription(subscription, channel)
        for code in topology.agencies:
            entities.agency_dead_letter_queue(code)(channel).declare()
            entities.agency_queue(code)(channel).declare()


def repair(endpoint: Endpoint, name: str, service: str, topology: Topology) -> list[str]:
    """Declares a service's queues and bindings again; if an exchange is missing, everything, since its bindings are gone with it.

    Returns:
        the exchanges and queues that were missing.

    Raises:
        TopologyConflict: something of the same name exists with other properties.
        BusUnavailable: the broker cannot be reached or refuses.
    """
    own = topology.of(service)
    exchanges = [EVENTS_EXCHANGE, AGENCIES_EXCHANGE, DEAD_LETTER_EXCHANGE]
    exchanges += [own.entry_exchange_name, own.undivided_exchange_name]
    with connected(endpoint, name) as connection:
        missing = missing_entities(connection, "exchange_declare", exchanges)
        queues = missing_entities(
            connection, "queue_declare", [own.queue_name, own.presence_queue_name, own.dead_letter_queue_name]
        )
        if queues:
            time.sleep(SETTLE_SECONDS)
        if not missing:
            with connection.channel() as channel:
                _declare_subscription(own, channel)
    if missing:
        declare(endpoint, name, topology)
    return [f"exchange {exchange}" for exchange in missing] + [f"queue {queue}" for queue in queues]


def missing_entities(connection: Connection, method: str, names: Sequence[str]) -> list[str]:
    """The exchanges or queues that do not exist; the broker closes the channel at each of them."""
    found = []
    channel = connection.channel()
    for name in names:
        try:
            if method == "queue_declare":
                channel.queue_declare(name, passive=True)
            else:
                channel.exchange_declare(name, "topic", passive=True)
        except NotFound:
            found.append(name)
            channel = connection.channel()
    channel.close()
    return found


def depths(endpoint: Endpoint, name: str, queues: Sequence[str]) -> list[int]:
    """How many messages wait in each queue, without unacknowledged ones, which AMQP does not report; 0 where there is no such queue.

    Raises:
        BusUnavailable: the broker cannot be reached or refuses, or a queue does not tell.
    """
    if not queues:
        return []
    with connected(endpoint, name) as connection:
        states = [queue_state(connection, queue) for queue in queues]
    return [state.waiting if state else 0 for state in states]


def _declare_subscription(subscription: Subscription, channel: Channel) -> None:
    entities.dead_letter_queue(subscription)(channel).declare()
    entities.service_queue(subscription)(channel).declare()
    entities.presence_queue(subscription)(channel).queue_declare()
    entry = entities.entry_exchange(subscription)(channel)
    entry.declare()  # with its queue behind it, and before anything leads to it
    for topic in subscription.topics:
        entry.bind_to(EVENTS_EXCHANGE, routing_key=topic)
    if subscription.receives_agency_events:
        entry.bind_to(AGENCIES_EXCHANGE, routing_key=AGENCY_BINDING_KEY)


@contextmanager
def connected(endpoint: Endpoint, name: str, heartbeat: int = 0) -> Iterator[Connection]:
    """A short-lived connection.

    Args:
        endpoint: the broker.
        name: shown to the broker's administrators.
        heartbeat: seconds; after about twice as long without a sign of this process the broker ends the connection. 0 for never.

    Raises:
        TopologyConflict: something is declared that exists with other properties.
        BusUnavailable: the broker cannot be reached or refuses.
    """
    try:
        with endpoint.kombu_connection(name, heartbeat) as connection:
            connection.ensure_connection(max_retries=0)
            yield connection
    except PreconditionFailed as error:
        raise TopologyConflict(f"RabbitMQ at {endpoint.address} has it with other properties: {error}") from error
    except BusUnavailable as error:
        raise BusUnavailable(f"RabbitMQ at {endpoint.address}: {error}") from error
    except (OSError, AMQPError, KombuError) as error:
        raise BusUnavailable(f"RabbitMQ at {endpoint.address}: {type(error).__name__}: {error}") from error
