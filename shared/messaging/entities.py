"""The broker's exchanges and queues with all their properties, as kombu entities: for the platform, each service and each agency."""

from __future__ import annotations

from typing import Any

from kombu import Exchange, Queue

from shared.messaging.sender_identity import AGENCIES_EXCHANGE, agency_name
from shared.messaging.topology import DEAD_LETTER_EXCHANGE, EVENTS_EXCHANGE, Generation, Subscription

DELIVERY_LIMIT = 20
AGENCY_DELIVERY_LIMIT = 200
"""Of an agency's queue: its program may hold a message for 25 minutes, so it can wait three days for a platform that is away."""
PRESENCE_MILLISECONDS = 86_400_000
"""After a day without a worker the broker deletes the queue that counts them."""
EVENTS = Exchange(EVENTS_EXCHANGE, type="topic", durable=True)
AGENCIES = Exchange(AGENCIES_EXCHANGE, type="topic", durable=True)
"""Agencies publish to it, each under its own routing keys."""

DEAD_LETTERS = Exchange(DEAD_LETTER_EXCHANGE, type="direct", durable=True)
"""Gets the dead letters of all queues; each service and each agency has a queue bound to it."""


def entry_exchange(subscription: Subscription) -> Exchange:
    """The exchange that everything for a service goes through: to its partitions if there are any, else to its alternate."""
    arguments = {"alternate-exchange": subscription.undivided_exchange_name}
    return Exchange(subscription.entry_exchange_name, type="fanout", durable=True, arguments=arguments)


def undivided_exchange(subscription: Subscription) -> Exchange:
    """The alternate of a service's entry exchange."""
    return Exchange(subscription.undivided_exchange_name, type="fanout", durable=True)


def service_queue(subscription: Subscription) -> Queue:
    """A service's one queue: quorum, single active consumer, dead-lettering at least once."""
    arguments = _ordered_queue_arguments(subscription.service)
    exchange = undivided_exchange(subscription)
    return Queue(subscription.queue_name, exchange=exchange, durable=True, queue_arguments=arguments)


def presence_queue(subscription: Subscription) -> Queue:
    """The queue that each worker process of a service consumes, so that they can be counted.

    The broker counts only the active one of those that consume a queue with a single active consumer.
    """
    arguments = {"x-queue-type": "quorum", "x-expires": PRESENCE_MILLISECONDS}
    return Queue(subscription.presence_queue_name, durable=True, queue_arguments=arguments)


def partition_exchange(generation: Generation) -> Exchange:
    """The exchange that distributes a service's events over its partitions by their second routing key, that of the slot.

    An exchange that hashes, of type `x-consistent-hash`, will not do: which queue gets a key depends on the order of its bindings, and a
    broker that starts restores them in any order, so that later events would overtake those that wait in another queue.
    """
    arguments = {"alternate-exchange": generation.rest_exchange_name}
    return Exchange(generation.exchange_name, type="direct", durable=True, arguments=arguments)


def rest_exchange(generation: Generation) -> Exchange:
    """The alternate of the exchange of a service's partitions; it leads to the first one."""
    return Exchange(generation.rest_exchange_name, type="fanout", durable=True, auto_delete=True)


def partition_queues(generation: Generation) -> list[Queue]:
    """The queues of a generation of partitions; none for the one queue that every service has."""
    if generation.number == 0:
        return []
    arguments = _ordered_queue_arguments(generation.service)
    return [Queue(name, durable=True, queue_arguments=arguments) for name in generation.queue_names]


def dead_letter_queue(subscription: Subscription) -> Queue:
    """The dead letters of a service, until its worker parks them in the retry queue."""
    return _dead_letter_queue(subscription.dead_letter_queue_name, subscription.service)


def agency_queue(code: str) -> Queue:
    """An agency's queue: only events that are addressed to it.

    Raises:
        ValueError: the code cannot be part of a routing key.
    """
    name = agency_name(code)
    arguments = {**_ordered_queue_arguments(name), "x-delivery-limit": AGENCY_DELIVERY_LIMIT}
    return Queue(name, exchange=EVENTS, routing_key=name, durable=True, queue_arguments=arguments)


def agency_dead_letter_queue(code: str) -> Queue:
    """The dead letters of an agency: messages that its program rejected or died of. Its name cannot be that of another agency's queue.

    Raises:
        ValueError: the code cannot be part of a routing key.
    """
    return _dead_letter_queue(f"motcua.{agency_name(code)}.dead", agency_name(code))


def _ordered_queue_arguments(dead_key: str) -> dict[str, Any]:
    return {
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD_LETTER_EXCHANGE,
        "x-dead-letter-routing-key": dead_key,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",  # required by at-least-once dead-lettering
    }


def _dead_letter_queue(name: str, key: str) -> Queue:
    arguments = {"x-queue-type": "quorum"}
    return Queue(name, exchange=DEAD_LETTERS, routing_key=key, durable=True, queue_arguments=arguments)
