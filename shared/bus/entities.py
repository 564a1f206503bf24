"""The broker's entities, declared once with kombu: a topic exchange, and for each service quorum queues and a dead-letter queue."""

from __future__ import annotations

from kombu import Exchange, Queue, binding

from shared.bus.topology import DEAD_EXCHANGE, EVENTS_EXCHANGE, Subscription

DELIVERY_LIMIT = 20
EVENTS = Exchange(EVENTS_EXCHANGE, type="topic", durable=True)
DEAD = Exchange(DEAD_EXCHANGE, type="direct", durable=True)
"""Where the broker puts what it gives up on; one queue for each service behind it."""


def queues(subscription: Subscription) -> list[Queue]:
    """A service's queues with their bindings: quorum, single active consumer, dead-lettering at least once."""
    arguments = {
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD_EXCHANGE,
        "x-dead-letter-routing-key": subscription.service,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",  # required by at-least-once dead-lettering
    }
    if subscription.partitions == 1:
        bindings = [binding(EVENTS, routing_key=topic) for topic in subscription.topics]
        return [Queue(subscription.queue_names[0], bindings=bindings, durable=True, queue_arguments=arguments)]
    spread = hash_exchange(subscription)
    return [
        Queue(name, exchange=spread, routing_key="10", durable=True, queue_arguments=arguments)
        for name in subscription.queue_names
    ]


def hash_exchange(subscription: Subscription) -> Exchange:
    """Spreads a partitioned service's events over its queues by the `partitionkey` header."""
    arguments = {"hash-header": "partitionkey"}
    return Exchange(subscription.spread_name, type="x-consistent-hash", durable=True, arguments=arguments)


def dead_queue(subscription: Subscription) -> Queue:
    """Keeps what the broker gave up on until a worker parks it where people can see it."""
    arguments = {"x-queue-type": "quorum"}
    return Queue(
        subscription.dead_name, exchange=DEAD, routing_key=subscription.service, durable=True, queue_arguments=arguments
    )
