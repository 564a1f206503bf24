"""The consumer on a real broker: lost connections, long work, standby, stalls, deleted queues, partitions, dead letters."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from shared.messaging.entities import DELIVERY_LIMIT, EVENTS
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import BusUnavailable, Delivery
from shared.messaging.rabbitmq import RabbitMqBus
from shared.messaging.rabbitmq.consumer import RabbitMqConsumer
from shared.messaging.topology import Generation, topology
from tests.shared.messaging.rabbitmq_support import (
    PATIENCE,
    Proxy,
    numbers,
    publish_again,
    row,
    rows,
    take,
    take_again,
    unavailable_reason,
)
from tests.support.processes import wait_until

TOPOLOGY = topology({"routing": ["dossier.filed"]})
STATS = topology({"stats": ["dossier.filed"]})
FOUR = Generation("stats", 1, 4)


@pytest.fixture
def bus(rabbit_url: str) -> RabbitMqBus:
    opened = RabbitMqBus(rabbit_url, "test")
    opened.declare(TOPOLOGY)
    return opened


@pytest.fixture
def channel(rabbit_url: str) -> Iterator[BlockingChannel]:
    """A channel of a plain pika client in the same virtual host."""
    connection = pika.BlockingConnection(pika.URLParameters(rabbit_url))
    yield connection.channel()
    connection.close()


def divide(bus: RabbitMqBus) -> None:
    """Gives stats four partitions."""
    bus.declare(STATS)
    assert bus.partitions("stats").route(lambda: [Generation("stats"), FOUR], lambda _: None)


def publish(bus: RabbitMqBus, batch: list[OutboxRow]) -> None:
    publisher = bus.publisher()
    assert len(publisher.publish(batch).confirmed) == len(batch)
    publisher.close()


def take_until_lost(consumer, reason: str) -> None:
    """Takes until the consumer reports why its connection was lost; nothing may be delivered before."""
    taken: list[Delivery] = []
    assert reason in unavailable_reason(lambda: taken.extend(consumer.take(10, 0.2)))
    assert taken == []


def test_bytes_that_are_not_text_are_delivered(bus, channel):
    body = bytes(range(256))
    channel.basic_publish(EVENTS.name, "dossier.filed.v1", body)
    consumer = bus.consumer("routing", TOPOLOGY)
    [delivery] = take(consumer, 1)
    assert (delivery.body, delivery.attempts) == (body, 0)
    consumer.close()


def test_unacknowledged_messages_of_a_lost_connection_are_delivered_again(bus, rabbit_url):
    publish(bus, rows(range(4)))
    with Proxy(rabbit_url) as proxy:
        consumer = RabbitMqBus(proxy.url(), "test").consumer("routing", TOPOLOGY)
        before = take(consumer, 4)
        consumer.done(before[:1])
        wait_until(lambda: bus.depth("motcua.routing") == 0, what="the broker to count the deliveries")
        proxy.cut()
        take_until_lost(consumer, "delivered again")
        after = take_again(consumer, 3)
        assert (numbers(after), [delivery.attempts for delivery in after]) == ([1, 2, 3], [1, 1, 1])
        with pytest.raises(BusUnavailable, match="is lost"):
            consumer.done(before)  # the broker's tags are the same, but on another connection
        consumer.done(after)
        consumer.close()
    consumer = bus.consumer("routing", TOPOLOGY)
    assert consumer.take(10, 0.2) == []
    consumer.close()


def test_an_acknowledgement_before_the_loss_is_noticed_acknowledges_no_other_message(bus, rabbit_url):
    publish(bus, rows(range(2)))
    with Proxy(rabbit_url) as proxy:
        consumer = RabbitMqBus(proxy.url(), "test").consumer("routing", TOPOLOGY)
        before = take(consumer, 2)
        proxy.cut()
        unavailable_reason(lambda: consumer.done(before))
        assert numbers(take_again(consumer, 2)) == [0, 1]
        consumer.close()


def test_long_work_between_two_takes_keeps_the_connection(bus, rabbit_url):
    publish(bus, rows(range(2)))
    consumer = RabbitMqBus(f"{rabbit_url}?heartbeat=1", "test").consumer("routing", TOPOLOGY)
    first = take(consumer, 1)
    time.sleep(4)  # the broker closes a connection that is silent for two heartbeats
    consumer.done(first)
    [second] = take(consumer, 1)
    assert (second.body, second.attempts) == (b"1", 0)
    consumer.done([second])
    consumer.close()
    wait_until(lambda: bus.depth("motcua.routing") == 0, what="an empty queue")


def test_a_silent_connection_is_given_up_in_bounded_time(bus, rabbit_url):
    publish(bus, rows(range(2)))
    with Proxy(rabbit_url) as proxy:
        consumer = RabbitMqBus(proxy.url(stall_check_interval=1), "test").consumer("routing", TOPOLOGY)
        take_again(consumer, 2)
        proxy.freeze()
        take_until_lost(consumer, "does not answer")
        proxy.thaw()
        assert numbers(take_again(consumer, 2)) == [0, 1]
        consumer.close()


def test_a_stalled_consumer_gives_its_connection_up(bus, rabbit_url):
    publish(bus, rows([0]))
    with Proxy(rabbit_url) as proxy:
        consumer = RabbitMqBus(proxy.url(stall_check_interval=1, prefetch=1), "test").consumer("routing", TOPOLOGY)
        consumer.done(take_again(consumer, 1))
        proxy.swallow_deliveries = True
        publish(bus, rows([1, 2]))  # the delivery of 1 is dropped, 2 waits
        take_until_lost(consumer, "messages wait in motcua.routing")
        proxy.swallow_deliveries = False
        assert numbers(take_again(consumer, 1)) == [1]
        consumer.close()


def test_a_consumer_that_never_got_a_message_notices_that_some_wait(bus, rabbit_url):
    with Proxy(rabbit_url) as proxy:
        consumer = RabbitMqBus(proxy.url(stall_check_interval=1, prefetch=1), "test").consumer("routing", TOPOLOGY)
        assert consumer.take(1, 0.1) == []
        proxy.swallow_deliveries = True
        publish(bus, rows([1, 2]))
        take_until_lost(consumer, "messages wait in motcua.routing")
        proxy.swallow_deliveries = False
        assert numbers(take_again(consumer, 1)) == [1]
        consumer.close()


def test_a_delivery_that_never_came_is_not_acknowledged_with_a_later_one(bus, rabbit_url):
    with Proxy(rabbit_url) as proxy:
        consumer = RabbitMqBus(proxy.url(), "test").consumer("routing", TOPOLOGY)
        assert consumer.take(1, 0.1) == []
        proxy.swallow_deliveries = True
        publish(bus, rows([1]))
        wait_until(lambda: proxy.swallowed, what="the delivery dropped")
        proxy.swallow_deliveries = False
        publish(bus, rows([2]))
        take_until_lost(consumer, "deliveries before number 2 are missing")
        assert numbers(take_again(consumer, 2)) == [1, 2]
        consumer.close()


def test_a_consumer_declares_its_bindings_again_when_it_reconnects(bus, rabbit_url, channel):
    with Proxy(rabbit_url) as proxy:
        consumer = RabbitMqBus(proxy.url(), "test").consumer("routing", TOPOLOGY)
        assert consumer.take(1, 0.1) == []
        channel.queue_unbind("motcua.routing", EVENTS.name, "dossier.filed.v1")  # as a broker that crashed forgets it
        proxy.cut()
        take_until_lost(consumer, "lost")
        wait_until(lambda: reconnected(consumer), what="a new connection")
        publish(bus, rows([1]))
        assert numbers(take(consumer, 1)) == [1]
        consumer.close()


def reconnected(consumer: RabbitMqConsumer) -> bool:
    try:
        return consumer.take(1, 0.1) == []
    except BusUnavailable:
        return False


def test_a_standby_consumer_keeps_its_connection_until_it_becomes_active(bus, rabbit_url):
    active = bus.consumer("routing", TOPOLOGY)
    assert active.take(1, 0.1) == []
    standby = RabbitMqBus(f"{rabbit_url}?stall_check_interval=1", "test").consumer("routing", TOPOLOGY)
    assert standby.take(1, 0.1) == []
    publish(bus, rows(range(2000)))
    unacknowledged = take(active, 1)
    # two checks of a queue in which messages wait, or three; the fourth would be too many
    assert standby.take(10, 1.8) == []
    active.close()
    assert numbers(take(standby, 3)) == [0, 1, 2]
    assert numbers(unacknowledged) == [0]
    standby.close()


def test_a_consumer_gets_no_more_than_its_prefetch(bus, rabbit_url):
    publish(bus, rows(range(30)))
    consumer = RabbitMqBus(f"{rabbit_url}?prefetch=10", "test").consumer("routing", TOPOLOGY)
    taken = take(consumer, 10)
    assert consumer.take(10, 0.2) == []
    assert bus.depth("motcua.routing") == 20
    consumer.done(taken)
    assert numbers(take(consumer, 10)) == list(range(10, 20))
    consumer.close()


def test_a_deleted_queue_is_noticed_and_declared_again(bus, channel):
    consumer = bus.consumer("routing", TOPOLOGY)
    assert consumer.take(1, 0.1) == []
    channel.queue_delete("motcua.routing")
    take_until_lost(consumer, "a queue was deleted")
    assert consumer.take(1, 0.1) == []  # declared again, and its bindings too
    publish(bus, rows([1]))
    assert numbers(take_again(consumer, 1)) == [1]
    consumer.close()


def test_an_absent_queue_is_declared_when_it_is_first_consumed(rabbit_url):
    consumer = RabbitMqBus(rabbit_url, "test").consumer("stats", STATS)
    assert consumer.take(1, 0.1) == []
    publish(RabbitMqBus(rabbit_url, "test"), rows([1]))
    assert numbers(take_again(consumer, 1)) == [1]
    consumer.close()


def test_after_the_delivery_limit_a_message_is_a_dead_letter(bus, rabbit_url):
    publish(bus, [row(1, body='{"độc": true}')])
    attempts = []
    for _ in range(DELIVERY_LIMIT + 1):
        consumer = bus.consumer("routing", TOPOLOGY)
        attempts.append(take(consumer, 1)[0].attempts)
        consumer.close()
    assert attempts == list(range(DELIVERY_LIMIT + 1))
    dead = bus.dead_letters("routing", TOPOLOGY)
    [letter] = take(dead, 1)
    assert letter.body.decode() == '{"độc": true}'
    assert bus.depth("motcua.routing") == 0
    dead.done([letter])
    dead.close()
    dead = bus.dead_letters("routing", TOPOLOGY)
    assert dead.take(1, 0.2) == []
    dead.close()


def test_partitions_keep_each_key_in_order_when_consumers_crash(bus, rabbit_url):
    divide(bus)
    keys = [f"H01-{number}" for number in range(40)]
    sent = [row(number, key=keys[number % 40], body=f"{number}") for number in range(2000)]
    applied: dict[str, list[int]] = defaultdict(list)

    def apply(deliveries: list[Delivery]) -> None:
        for number in numbers(deliveries):
            if number not in applied[keys[number % 40]]:  # as the inbox does
                applied[keys[number % 40]].append(number)

    publisher = bus.publisher()
    second = bus.consumer("stats", STATS, FOUR, FOUR.queue_names)
    with Proxy(rabbit_url) as proxy:
        first = RabbitMqBus(proxy.url(), "test").consumer("stats", STATS, FOUR, FOUR.queue_names)
        assert first.take(1, 0.1) == []
        assert second.take(1, 0.1) == []
        for start in range(0, 2000, 100):
            publish_again(publisher, sent[start : start + 100])
            deliveries = take(first, 1)
            apply(deliveries)
            if start % 400:  # otherwise it crashes between effect and acknowledgement
                first.done(deliveries)
            if start == 1200:
                proxy.cut()
                break
        while sum(map(len, applied.values())) < start + 100:
            deliveries = take(second, 1)
            apply(deliveries)
            second.done(deliveries)
        publish_again(publisher, sent[start + 100 :])
        while sum(map(len, applied.values())) < 2000:
            deliveries = take(second, 1)
            apply(deliveries)
            second.done(deliveries)
        first.close()
    second.close()
    publisher.close()
    assert all(applied[key] == list(range(index, 2000, 40)) for index, key in enumerate(keys))


def test_partitions_share_the_keys_and_no_key_is_in_two(bus, channel):
    divide(bus)
    publish(bus, [row(number, key=f"H01-{number % 40}") for number in range(400)])
    counts = {name: bus.depth(name) for name in FOUR.queue_names}
    assert sum(counts.values()) == 400
    assert all(counts.values())
    where: dict[int, set[str]] = defaultdict(set)
    for name, count in counts.items():
        for _, _, body in channel.consume(name, inactivity_timeout=PATIENCE):
            where[int(body) % 40].add(name)
            count -= 1
            if not count:
                break
        channel.cancel()
    assert len(where) == 40
    assert {len(queues) for queues in where.values()} == {1}
