"""Moves an agency's dead letters back to its queue."""

from __future__ import annotations

from shared.messaging.entities import agency_dead_letter_queue
from shared.messaging.event import Event
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import BusUnavailable, Delivery
from shared.messaging.rabbitmq.consumer import RabbitMqConsumer
from shared.messaging.rabbitmq.endpoint import Endpoint
from shared.messaging.rabbitmq.publisher import RabbitMqPublisher
from shared.messaging.sender_identity import agency_name

BATCH = 100
WAIT_SECONDS = 1.0


def replay_dead_letters(endpoint: Endpoint, code: str) -> int:
    """Moves an agency's dead letters to the end of its queue. None is lost if this process or the broker dies in between.

    Args:
        endpoint: the platform's broker, with the platform's own account.
        code: the agency's code.

    Returns:
        the number of messages moved.

    Raises:
        ValueError: the code cannot be part of a routing key.
        BusUnavailable: the broker cannot be reached, or the agency's queue does not exist or accepts no messages.
    """
    consumer = RabbitMqConsumer(
        endpoint, f"replay to {code}", (agency_dead_letter_queue(code).name,), redeclare=lambda: None
    )
    publisher = RabbitMqPublisher(endpoint, f"replay to {code}")
    moved = 0
    try:
        while deliveries := consumer.take(BATCH, WAIT_SECONDS):
            rows = [_row(number, delivery, agency_name(code)) for number, delivery in enumerate(deliveries)]
            if len(publisher.publish(rows).confirmed) < len(rows):
                raise BusUnavailable(
                    f"the queue of agency {code} does not exist or accepts no messages; its dead letters stay"
                )
            consumer.done(deliveries)
            moved += len(deliveries)
        return moved
    finally:
        publisher.close()
        consumer.close()


def _row(number: int, delivery: Delivery, topic: str) -> OutboxRow:
    event = Event.from_json(delivery.body)  # written by the platform: nobody else may publish to an agency's queue
    return OutboxRow(number, event.id, event.type, event.key, delivery.body.decode(), topic)
