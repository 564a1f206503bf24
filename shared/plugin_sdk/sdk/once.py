"""One answer over a connection of its own, for whoever is not the service itself."""

from __future__ import annotations

import pika

from .events import Answer
from .link import parameters
from .publisher import EXCHANGE, properties
from .settings import Settings


def publish(settings: Settings, answer: Answer) -> None:
    """Connects, sends an answer, waits for its confirm, and disconnects.

    Raises:
        pika.exceptions.AMQPError: not confirmed: no broker, refused, or no queue at the platform.
    """
    how = parameters(settings.amqp_url, f"agency.{settings.code} answer")
    with pika.BlockingConnection(how) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        what = properties(answer, how.credentials.username)
        channel.basic_publish(EXCHANGE, answer.routing_key, answer.body, what, mandatory=True)
