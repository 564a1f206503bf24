"""The broker's exchanges and queues with all their properties, as kombu entities: for the platform, each service and each agency."""

from __future__ import annotations

from typing import Any

from kombu import Exchange, Queue, binding

from shared.messaging.sender_identity import AGENCIES_EXCHANGE, AGENCY_BINDING_KEY, agency_name
from shared.messaging.topology import DEAD_LETTER_EXCHANGE, EVENTS_EXCHANGE, Subscription

DELIVERY_LIMIT = 20
EVENTS = Exchange(EVENTS_EXCHANGE, type="topic", durable=True)
AGENCIES = Exchange(AGENCIES_EXCHANGE, type="topic", durable=True)
"""Agencies publish to it, each under its own routing keys."""

DEAD_LETTERS = Exchange(DEAD_LETTER_EXCHANGE, type="direct", durable=True)
"""Gets the dead letters of all queues; each service and each agency has a queue bound to it."""


def queues(subscription: Subscription) -> list[Queue]:
    """A service's queues with their bindings: quorum, single active consumer, dead-lettering at least once."""
    arguments = _ordered_queue_arguments(subscription.service)
    if subscription.partitions == 1:
        bindings = [binding(EVENTS, routing_key=topic) for topic in subscription.topics]
        if subscription.receives_agency_events:
            bindings.append(binding(AGENCIES, routing_key=AGENCY_BINDING_KEY))
        return [Queue(subscription.queue_names[0], bindings=bindings, durable=True, queue_arguments=arguments)]
    exchange = hash_exchange(subscription)
    return [
        Queue(name, exchange=exchange, routing_key="10", durable=True, queue_arguments=arguments)
        for name in subscription.queue_names
    ]


def hash_exchange(subscription: Subscription) -> Exchange:
    """The exchange that distributes a partitioned service's events over its queues by the `partitionkey` header."""
    arguments = {"hash-header": "partitionkey"}
    return Exchange(subscription.hash_exchange_name, type="x-consistent-hash", durable=True, arguments=arguments)


def dead_letter_queue(subscription: Subscription) -> Queue:
    """The dead letters of a service, until its worker parks them in the retry queue."""
    return _dead_letter_queue(subscription.dead_letter_queue_name, subscription.service)


def agency_queue(code: str) -> Queue:
    """An agency's queue: only events that are addressed to it.

    Raises:
        ValueError: the code cannot be part of a routing key.
    """
    name = agency_name(code)
    return Queue(name, exchange=EVENTS, routing_key=name, durable=True, queue_arguments=_ordered_queue_arguments(name))


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
