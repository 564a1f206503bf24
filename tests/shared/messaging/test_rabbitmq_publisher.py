"""The publisher on a real broker: message properties, unroutable and refused events, lost and silent connections."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pika
import pytest

from shared.messaging.entities import EVENTS
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import BusUnavailable, PublishResult
from shared.messaging.rabbitmq import RabbitMqBus
from shared.messaging.topology import topology
from tests.shared.messaging.rabbitmq_support import Proxy, numbers, publish_again, row, rows, take
from tests.support.processes import wait_until
from tests.support.rabbitmq import vhost_of

FILED = "vn.motcua.dossier.filed.v1"
TOPOLOGY = topology({"routing": ["dossier.filed"]})


@pytest.fixture
def bus(rabbit_url: str) -> RabbitMqBus:
    opened = RabbitMqBus(rabbit_url, "test")
    opened.declare(TOPOLOGY)
    return opened


@pytest.fixture
def channel(rabbit_url: str) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
    """A channel of a plain pika client in the same virtual host."""
    connection = pika.BlockingConnection(pika.URLParameters(rabbit_url))
    yield connection.channel()
    connection.close()


def test_a_message_is_a_structured_cloud_event_that_the_broker_can_route_and_check(bus, channel, rabbit_url):
    channel.queue_declare("probe")
    channel.queue_bind("probe", EVENTS.name, "#")
    event = row(1, key="H01-Đ")
    publisher = bus.publisher()
    publisher.publish([event])
    publisher.close()
    method, properties, body = channel.basic_get("probe", auto_ack=True)
    assert (method.exchange, method.routing_key) == ("motcua.events", "dossier.filed.v1")
    assert body == event.body.encode()
    assert properties.content_type == "application/cloudevents+json"
    assert (properties.message_id, properties.type) == (event.event_id, "vn.motcua.dossier.filed.v1")
    assert properties.user_id == urlsplit(rabbit_url).username
    assert properties.delivery_mode == 2
    assert properties.headers == {"partitionkey": "H01-Đ", "CC": ["slot-29"]}


def test_each_message_has_its_own_properties(bus, channel):
    channel.queue_declare("probe")
    channel.queue_bind("probe", EVENTS.name, "#")
    events = [row(number, key=f"H01-{number}") for number in range(250)]
    publisher = bus.publisher()
    assert len(publisher.publish(events).confirmed) == 250
    publisher.close()
    for event in events:
        _, properties, _ = channel.basic_get("probe", auto_ack=True)
        assert (properties.message_id, properties.headers["partitionkey"]) == (event.event_id, event.key)


def test_a_full_queue_refuses(bus, channel):
    arguments = {"x-max-length": 3, "x-overflow": "reject-publish"}
    channel.queue_declare("small", arguments=arguments)
    channel.queue_bind("small", EVENTS.name, "fee.paid.v1")
    publisher = bus.publisher()
    published = publisher.publish([*rows([1, 2, 3, 4, 5], "fee.paid"), row(6)])
    assert (sorted(published.confirmed), published.refused) == ([1, 2, 3, 6], [4, 5])
    channel.queue_purge("small")
    assert publisher.publish(rows([4, 5], "fee.paid")) == PublishResult(confirmed=[4, 5])
    publisher.close()


@pytest.mark.parametrize(
    "impossible",
    [
        OutboxRow(2, "ệ" * 100, FILED, "k", "{}", "dossier.filed.v1"),
        OutboxRow(2, "id", FILED, "k", "{}", "x" * 256),
        OutboxRow(2, "id", FILED, "k", "\ud800", "dossier.filed.v1"),
        OutboxRow(2, "id", FILED, "k", "x" * (16 * 1024 * 1024 + 1), "dossier.filed.v1"),
    ],
    ids=["long id", "long type", "not text", "too big"],
)
def test_a_row_that_cannot_be_a_message_is_refused_and_blocks_no_others(bus, impossible):
    publisher = bus.publisher()
    assert publisher.publish([row(1), impossible, row(3)]) == PublishResult(confirmed=[1, 3], refused=[2])
    assert publisher.publish([impossible]) == PublishResult(refused=[2])
    publisher.close()


def test_without_a_binding_an_event_is_unroutable(bus, channel):
    publisher = bus.publisher()
    assert publisher.publish([row(1)]) == PublishResult(confirmed=[1])
    channel.exchange_unbind("motcua.routing", EVENTS.name, "dossier.filed.v1")
    assert publisher.publish([row(2)]) == PublishResult(unroutable=[2])
    bus.declare(TOPOLOGY)
    assert publisher.publish([row(2)]) == PublishResult(confirmed=[2])
    publisher.close()


def test_a_deleted_exchange_is_an_error(bus, channel):
    publisher = bus.publisher()
    publisher.publish([row(1)])
    channel.exchange_delete(EVENTS.name)
    with pytest.raises(BusUnavailable, match=r"motcua\.events"):
        publisher.publish([row(2)])
    bus.declare(TOPOLOGY)
    assert publish_again(publisher, [row(2)]) == PublishResult(confirmed=[2])
    publisher.close()


def test_a_lost_connection_is_opened_again(bus, rabbit_url):
    with Proxy(rabbit_url) as proxy:
        publisher = RabbitMqBus(proxy.url(), "test").publisher()
        publisher.publish([row(1)])
        proxy.cut()
        assert publish_again(publisher, [row(2)]) == PublishResult(confirmed=[2])
        publisher.close()
    assert publisher.publish([]) == PublishResult()


def test_a_silent_connection_is_given_up_in_bounded_time(bus, rabbit_url):
    with Proxy(rabbit_url) as proxy:
        publisher = RabbitMqBus(proxy.url(confirm_timeout=1, connect_timeout=0.5), "test").publisher()
        publish_again(publisher, [row(1)])
        proxy.freeze()
        with pytest.raises(BusUnavailable, match="confirmed nothing"):
            publisher.publish([row(2)])
        with pytest.raises(BusUnavailable, match="RabbitMQ at"):  # a new connection gets no answer either
            publisher.publish([row(2)])
        proxy.thaw()
        assert publish_again(publisher, [row(2)]) == PublishResult(confirmed=[2])
        publisher.close()


def test_an_absent_broker_is_an_error_each_time(rabbit_url):
    with Proxy(rabbit_url) as proxy:
        url = proxy.url()
    publisher = RabbitMqBus(url, "test").publisher()
    for _ in range(3):
        with pytest.raises(BusUnavailable):
            publisher.publish([row(1)])
    publisher.close()


def test_a_refused_login_is_reported_without_the_password(rabbit_url, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = rabbit_url.replace(":motcua-test@", ":s3cret@")
    bus = RabbitMqBus(wrong, "test")
    publisher = bus.publisher()
    messages = []
    for attempt in (lambda: publisher.publish([row(1)]), lambda: bus.declare(TOPOLOGY), lambda: bus.depth("x")):
        with pytest.raises(BusUnavailable, match="ACCESS_REFUSED") as refused:
            attempt()
        messages.append(str(refused.value))
    assert "s3cret" not in caplog.text + "".join(messages)


def test_the_log_shows_no_password_at_any_level(rabbit, rabbit_url, caplog):
    secret = "mat-khau-s3cret"
    rabbit.api("PUT", "users/motcua", json={"password": secret, "tags": ""})
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    rabbit.api("PUT", f"permissions/{vhost_of(rabbit_url)}/motcua", json=everything)
    caplog.set_level(logging.DEBUG)
    bus = RabbitMqBus(rabbit_url.replace("motcua-test:motcua-test@", f"motcua:{secret}@"), "test")
    bus.declare(TOPOLOGY)
    publisher, consumer = bus.publisher(), bus.consumer("routing", TOPOLOGY)
    publisher.publish([row(1)])
    take(consumer, 1)
    rabbit.ctl("close_all_user_connections", "motcua", "test")
    with pytest.raises(BusUnavailable):
        take(consumer, 1)
    publish_again(publisher, [row(2)])
    publisher.close()
    consumer.close()
    assert "is lost" in caplog.text
    assert secret not in caplog.text


def test_a_child_process_opens_a_connection_of_its_own(bus):
    publisher, consumer = bus.publisher(), bus.consumer("routing", TOPOLOGY)
    publisher.publish([row(1)])
    [first] = take(consumer, 1)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            published = publisher.publish([row(2)])
            os.write(writing, repr(published).encode())
            publisher.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 1000).decode() == repr(PublishResult(confirmed=[2]))
    os.close(reading)
    os.close(writing)
    assert publisher.publish([row(3)]) == PublishResult(confirmed=[3])  # the parent's connection still works
    assert numbers(take(consumer, 2)) == [2, 3]
    consumer.done([first])
    publisher.close()
    consumer.close()
    wait_until(lambda: bus.depth("motcua.routing") == 2, what="the two that were not acknowledged")
