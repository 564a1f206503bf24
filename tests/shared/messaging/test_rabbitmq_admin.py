"""Declarations and connections: conflicts, absent brokers, TLS, no leaked sockets and threads."""

from __future__ import annotations

import gc
import os
import ssl
import threading

import pika
import pytest

from shared.messaging.port import BusUnavailable, PublishResult
from shared.messaging.rabbitmq import RabbitMqBus, TopologyConflict
from shared.messaging.topology import topology
from tests.shared.messaging.rabbitmq_support import Proxy, numbers, publish_again, row, rows, take, take_again
from tests.support.certificates import own_certificate
from tests.support.processes import wait_until

TOPOLOGY = topology({"routing": ["dossier.filed"]})


def test_a_queue_with_other_properties_is_a_topology_conflict(rabbit_url):
    connection = pika.BlockingConnection(pika.URLParameters(rabbit_url))
    connection.channel().queue_declare("motcua.routing", durable=True)
    connection.close()
    with pytest.raises(TopologyConflict, match=r"has it with other properties.*motcua\.routing"):
        RabbitMqBus(rabbit_url, "test").declare(TOPOLOGY)


def test_an_absent_broker_is_unavailable(rabbit_url):
    with Proxy(rabbit_url) as proxy:
        bus = RabbitMqBus(proxy.url(), "test")
    for attempt in (lambda: bus.declare(TOPOLOGY), lambda: bus.depth("q"), lambda: bus.publisher().publish([row(1)])):
        with pytest.raises(BusUnavailable, match=r"127\.0\.0\.1"):
            attempt()
    with pytest.raises(BusUnavailable, match=r"127\.0\.0\.1"):
        bus.consumer("routing", TOPOLOGY).take(1, 0.1)


def test_a_broker_that_does_not_answer_is_unavailable_in_bounded_time(rabbit_url):
    with Proxy(rabbit_url) as proxy:
        proxy.freeze()
        bus = RabbitMqBus(proxy.url(connect_timeout=0.2), "test")
        for attempt in (lambda: bus.declare(TOPOLOGY), lambda: bus.depth("q")):
            with pytest.raises(BusUnavailable, match=r"127\.0\.0\.1"):
                attempt()
        with pytest.raises(BusUnavailable, match=r"127\.0\.0\.1"):
            bus.consumer("routing", TOPOLOGY).take(1, 0.1)


def test_everything_works_over_tls_with_a_verified_certificate(rabbit_url, tmp_path):
    certfile, keyfile = own_certificate(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certfile, keyfile)
    with Proxy(rabbit_url, tls=context) as proxy:
        bus = RabbitMqBus(proxy.url(cacertfile=certfile, prefetch=1000), "test")
        bus.declare(TOPOLOGY)
        publisher, consumer = bus.publisher(), bus.consumer("routing", TOPOLOGY)
        assert len(publisher.publish(rows(range(1000))).confirmed) == 1000
        deliveries = take(consumer, 1000)
        assert numbers(deliveries) == list(range(1000))
        consumer.done(deliveries)
        publisher.close()
        consumer.close()
        assert bus.depth("motcua.routing") == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2"], ids=["unknown authority", "another's name"])
def test_a_certificate_that_cannot_be_verified_is_refused(rabbit_url, tmp_path, address):
    certfile, keyfile = own_certificate(tmp_path, address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certfile, keyfile)
    with Proxy(rabbit_url, tls=context) as proxy:
        bus = RabbitMqBus(proxy.url(**({"cacertfile": certfile} if address != "127.0.0.1" else {})), "test")
        for attempt in (lambda: bus.declare(TOPOLOGY), lambda: bus.publisher().publish([row(1)])):
            with pytest.raises(BusUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
                attempt()


def test_closed_and_lost_connections_leave_no_sockets_and_threads(rabbit_url):
    RabbitMqBus(rabbit_url, "test").declare(TOPOLOGY)

    def left() -> tuple[int, list[str]]:
        gc.collect()
        threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("bus-")]
        return len(os.listdir("/proc/self/fd")), threads

    before = left()
    with Proxy(rabbit_url) as proxy:
        bus = RabbitMqBus(proxy.url(connect_timeout=0.5, confirm_timeout=0.5), "test")
        for _ in range(2):
            publisher, consumer = bus.publisher(), bus.consumer("routing", TOPOLOGY)
            assert publish_again(publisher, [row(1)]) == PublishResult(confirmed=[1])
            consumer.done(take_again(consumer, 1))
            proxy.freeze()
            for _ in range(2):
                with pytest.raises(BusUnavailable):
                    publisher.publish([row(2)])
            proxy.thaw()
            publisher.close()
            consumer.close()
    wait_until(lambda: left() == before, what="all sockets and threads to disappear")
