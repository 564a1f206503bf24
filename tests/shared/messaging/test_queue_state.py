"""How many messages and consumers a queue has, from a broker whose queue does not answer for a while."""

from __future__ import annotations

import pika
import pytest

from shared.contracts import platform_topology
from shared.messaging.port import BusUnavailable, QueueState
from shared.messaging.rabbitmq import RabbitMqBus
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitServer

QUEUE = "motcua.stats.dead"


@pytest.fixture
def bus(rabbit_url: str) -> RabbitMqBus:
    """A broker with two messages in a queue."""
    bus = RabbitMqBus(rabbit_url, "test")
    bus.declare(platform_topology())
    with pika.BlockingConnection(pika.URLParameters(rabbit_url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for _ in range(2):
            channel.basic_publish("", QUEUE, b"{}")
    wait_until(lambda: bus.depth(QUEUE) == 2, what="two messages in the queue")
    return bus


def test_a_queue_that_is_silent_for_a_moment_is_asked_again(
    bus: RabbitMqBus, rabbit: RabbitServer, rabbit_url: str
) -> None:
    with rabbit.silent_queue(rabbit_url, QUEUE, seconds=4):
        assert bus.depth(QUEUE) == 2


def test_a_queue_that_stays_silent_is_not_said_to_be_empty(
    bus: RabbitMqBus, rabbit: RabbitServer, rabbit_url: str
) -> None:
    with rabbit.silent_queue(rabbit_url, QUEUE):
        with pytest.raises(BusUnavailable, match="does not tell"):
            bus.depth(QUEUE)
        with pytest.raises(BusUnavailable, match="does not tell"):
            bus.partitions("stats").look([QUEUE])
    assert bus.partitions("stats").look([QUEUE, "motcua.nobody"]) == [
        QueueState(QUEUE, 2, 0),
        QueueState("motcua.nobody", 0, 0),
    ]
