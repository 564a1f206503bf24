"""A platform's virtual host with three granted agencies, and helpers that act as their programs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pika
import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel

from shared.contracts import platform_topology
from shared.messaging.port import Bus, PublishResult
from shared.messaging.sender_identity import agency_name
from shared.messaging.transports import open_bus
from shared.plugin_sdk.admin.grants import grant
from shared.plugin_sdk.admin.management import Management
from tests.shared.messaging.rabbitmq_support import row
from tests.support.rabbitmq import RabbitServer, vhost_of

CODES = ("H12", "H12.14", "H12.14.02")
"""Each code is the prefix of the next."""

PASSWORD = "bí mật · a secret"
REFUSED = (pika.exceptions.ChannelClosedByBroker, pika.exceptions.ConnectionClosedByBroker)
OWN_KEY = "agency.H12.14.step.completed"


class AgencyBroker:
    """A platform's virtual host with three granted agencies."""

    def __init__(self, rabbit: RabbitServer, url: str) -> None:
        self.rabbit, self.url = rabbit, url
        self.management: Management = rabbit.management(vhost_of(url))
        self.topology = platform_topology()
        self.bus: Bus = open_bus(url, "platform")
        self.bus.declare(self.topology)
        for code in CODES:
            grant(self.management, code, PASSWORD)

    def agency_url(self, code: str, password: str = PASSWORD) -> str:
        return self.rabbit.url_for(agency_name(code), password, vhost_of(self.url))

    @contextlib.contextmanager
    def as_agency(self, code: str = "H12.14") -> Iterator[BlockingChannel]:
        """A channel with publisher confirms, opened with the agency's account."""
        with connected(self.agency_url(code)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel

    def publish_step(self, code: str, number: int = 1) -> PublishResult:
        """Publishes an addressed event as routing's relay does."""
        publisher = self.bus.publisher()
        result = publisher.publish([row(number, "agency.step.assigned", topic=agency_name(code))])
        publisher.close()
        return result

    def routing_messages(self) -> list[tuple[str, bytes]]:
        """The messages in routing's queue as (sender, body)."""
        consumer = self.bus.consumer("routing", self.topology)
        found = []
        while deliveries := consumer.take(10, 0.3):
            found += [(delivery.sender, delivery.body) for delivery in deliveries]
            consumer.done(deliveries)
        consumer.close()
        return found


@contextlib.contextmanager
def connected(url: str) -> Iterator[pika.BlockingConnection]:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        yield connection
    finally:
        with contextlib.suppress(pika.exceptions.AMQPError):  # the broker may have closed it
            connection.close()


def publish_message(channel: BlockingChannel, key: str, body: bytes = b"{}", user: str | None = None) -> None:
    channel.basic_publish(
        "motcua.agencies", key, body, pika.BasicProperties(delivery_mode=2, user_id=user), mandatory=True
    )


def read_all(channel: BlockingChannel, queue: str) -> list[bytes]:
    found = []
    for method, _, body in channel.consume(queue, inactivity_timeout=0.5):
        if method is None:
            break
        found.append(body)
        channel.basic_ack(method.delivery_tag)
    channel.cancel()
    return found
