"""Guarantees of both transports to agencies: addressed events reach only their agency, and its events have its code as sender."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pika
import pika.data
import pytest

from shared.messaging.embedded import EmbeddedBus
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import Bus, Consumer, Delivery, PublishResult
from shared.messaging.rabbitmq.consumer import RabbitMqConsumer
from shared.messaging.rabbitmq.endpoint import parse_endpoint
from shared.messaging.sender_identity import UNKNOWN_SENDER, agency_name
from shared.messaging.topology import Generation, Subscription, Topology, slot_of, slot_topic, topology
from shared.messaging.transports import open_bus
from tests.shared.messaging.agency_support import COMPLETED, agency_event, send
from tests.shared.messaging.rabbitmq_support import numbers, row, take, take_again

HANDLERS = {"routing": ["dossier.filed", COMPLETED], "notify": ["dossier.filed"]}
CODES = ("H12", "H12.14", "H12.14.02")
TOPOLOGY = topology(HANDLERS, agencies=CODES)
ASSIGNED = "agency.step.assigned"


@pytest.fixture
def bus(bus_url: str) -> Bus:
    opened = open_bus(bus_url, "test")
    opened.declare(TOPOLOGY)
    return opened


def agency_consumer(bus_url: str, code: str) -> Consumer:
    """Reads an agency's queue."""
    if bus_url.startswith("embedded:"):
        return EmbeddedBus(bus_url.removeprefix("embedded:")).agency_consumer(code)
    return RabbitMqConsumer(parse_endpoint(bus_url), "agency", (agency_name(code),), redeclare=lambda: None)


def publish(bus: Bus, rows: list[OutboxRow]) -> PublishResult:
    publisher = bus.publisher()
    try:
        return publisher.publish(rows)
    finally:
        publisher.close()


def received(bus: Bus, count: int, at: Topology = TOPOLOGY) -> list[Delivery]:
    consumer = bus.consumer("routing", at)
    deliveries = take(consumer, count)
    consumer.done(deliveries)
    assert consumer.take(10, 0.1) == []
    consumer.close()
    return deliveries


def test_an_addressed_event_reaches_its_agency_alone(bus: Bus, bus_url: str) -> None:
    rows = [row(number, ASSIGNED, topic=agency_name(code)) for number, code in enumerate(CODES)]
    assert sorted(publish(bus, [*rows, row(9)]).confirmed) == [0, 1, 2, 9]
    for number, code in enumerate(CODES):
        consumer = agency_consumer(bus_url, code)
        deliveries = take(consumer, 1)
        consumer.done(deliveries)
        assert (numbers(deliveries), consumer.take(10, 0.1)) == ([number], [])
        consumer.close()
    assert numbers(received(bus, 1)) == [9]


def test_an_addressed_event_is_unroutable_until_its_queue_exists(bus: Bus) -> None:
    late = row(1, ASSIGNED, topic="agency.H99")
    assert publish(bus, [late, row(2)]) == PublishResult(confirmed=[2], unroutable=[1])
    bus.declare(Topology((), ("H99",)))
    assert publish(bus, [late]) == PublishResult(confirmed=[1])
    assert bus.depth("agency.H99") >= 0


def test_declaring_agencies_again_loses_nothing(bus: Bus, bus_url: str) -> None:
    publish(bus, [row(1, ASSIGNED, topic="agency.H12")])
    bus.declare(TOPOLOGY)
    bus.declare(topology(HANDLERS))  # a process without a list of agencies does not delete their queues
    publish(bus, [row(2, ASSIGNED, topic="agency.H12")])
    consumer = agency_consumer(bus_url, "H12")
    assert numbers(take(consumer, 2)) == [1, 2]
    consumer.close()


@pytest.mark.parametrize("code", CODES)
def test_an_agencys_event_reaches_its_subscribers_with_its_code(bus: Bus, bus_url: str, code: str) -> None:
    send(bus_url, code, agency_event(code).to_json())
    publish(bus, [row(7)])
    found = {delivery.body: delivery.sender for delivery in received(bus, 2)}
    assert found == {agency_event(code).to_json(): code, b"7": ""}
    assert numbers(bus.consumer("notify", TOPOLOGY).take(10, 5)) == [7]


def test_two_agencies_may_use_the_same_id(bus: Bus, bus_url: str) -> None:
    for code in CODES:
        send(bus_url, code, agency_event(code).to_json())
    assert sorted(delivery.sender for delivery in received(bus, 3)) == sorted(CODES)


def test_the_embedded_transport_refuses_topics_that_are_not_the_agencys(tmp_path: Path) -> None:
    bus = EmbeddedBus(tmp_path / "bus.db")
    bus.declare(TOPOLOGY)
    publisher = bus.agency_publisher("H12")
    keys = ("agency.H12.14.step.completed", "agency.H12", "agency.H12.step.assigned", "dossier.filed.v1")
    result = publisher.publish([OutboxRow(number, "id", "", "", "{}", key) for number, key in enumerate(keys)])
    assert result == PublishResult(refused=[0, 1, 2, 3])
    publisher.close()
    with pytest.raises(ValueError, match="not an agency code"):
        bus.agency_publisher("H12.#")


def test_with_partitions_agency_events_go_to_the_first_and_others_to_that_of_their_key(rabbit_url: str) -> None:
    generation = Generation("routing", 1, 3)
    bus = open_bus(rabbit_url, "test")
    bus.declare(topology(HANDLERS))
    queues = bus.partitions("routing")
    assert queues is not None
    queues.route(lambda: [Generation("routing"), generation], lambda _: None)
    for number in range(8):
        send(rabbit_url, "H12", str(number).encode(), headers={"partitionkey": f"D-{number % 4}"})
    publish(bus, [row(100 + number, key=f"D-{number % 9}") for number in range(90)])
    found: dict[str, list[tuple[str, int]]] = {}
    for queue in generation.queue_names:
        consumer = RabbitMqConsumer(parse_endpoint(rabbit_url), "test", (queue,), redeclare=lambda: None)
        while deliveries := consumer.take(100, 0.5):
            found.setdefault(queue, []).extend((delivery.sender, int(delivery.body)) for delivery in deliveries)
            consumer.done(deliveries)
        consumer.close()
    assert [number for sender, number in found[generation.queue_names[0]] if sender == "H12"] == list(range(8))
    own = {queue: {number % 9 for sender, number in all_ if not sender} for queue, all_ in found.items()}
    assert own == {
        queue: {
            (100 + number) % 9
            for number in range(9)
            if generation.slot_queues[slot_topic(slot_of(f"D-{number}"))] == queue
        }
        for queue in generation.queue_names
    }
    assert sum(map(len, found.values())) == 98


def test_routing_keys_in_headers_do_not_change_the_sender(rabbit_url: str) -> None:
    bus = open_bus(rabbit_url, "test")
    bus.declare(TOPOLOGY)
    headers = {"CC": ["agency.H12.14.step.completed"], "BCC": ["agency.H12.14.02.step.completed"]}
    send(rabbit_url, "H12", b"1", headers=headers)
    assert [delivery.sender for delivery in received(bus, 1)] == ["H12"]


def nested(depth: int) -> bytes:
    """An AMQP table that is nested so many times."""
    value = b"V"
    for _ in range(depth):
        entry = b"\x01x" + value
        value = b"F" + struct.pack(">L", len(entry)) + entry
    return value


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (b"T" + struct.pack(">Q", 2**63), "a time beyond the year 9999"),
        (nested(2000), "tables in tables"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_header_of_an_agency_stops_the_consumer(
    rabbit_url: str, monkeypatch: pytest.MonkeyPatch, header: bytes, why: str
) -> None:
    bus = open_bus(rabbit_url, "test")
    bus.declare(TOPOLOGY)
    encode: Callable[..., int] = pika.data.encode_value

    def encoded(pieces: list[bytes], value: Any) -> int:
        if value != why:
            return encode(pieces, value)
        pieces.append(header)
        return len(header)

    with monkeypatch.context() as patched:  # a client that encodes what pika's own does not
        patched.setattr(pika.data, "encode_value", encoded)
        send(rabbit_url, "H12", b"1", headers={"strange": why})
    send(rabbit_url, "H12", b"2")
    assert [(delivery.body, delivery.sender) for delivery in received(bus, 2)] == [(b"1", "H12"), (b"2", "H12")]


def test_headers_with_the_names_of_the_brokers_counters_are_ignored(rabbit_url: str) -> None:
    bus = open_bus(rabbit_url, "test")
    bus.declare(TOPOLOGY)
    send(rabbit_url, "H12", b"1", headers={"x-acquired-count": "many", "x-delivery-count": "more"})
    first = bus.consumer("routing", TOPOLOGY)
    assert numbers(take(first, 1)) == [1]
    first.close()
    again = bus.consumer("routing", TOPOLOGY)
    assert [(delivery.sender, delivery.attempts) for delivery in take_again(again, 1)] == [("H12", 1)]
    again.close()


def dead_letters_of(rabbit_url: str, bodies: int) -> list[Delivery]:
    """Requeues routing's messages until the delivery limit; returns the dead letters."""
    connection = pika.BlockingConnection(pika.URLParameters(rabbit_url))
    channel = connection.channel()
    for method, _, _ in channel.consume("motcua.routing", inactivity_timeout=2):
        if method is None:
            break
        channel.basic_nack(method.delivery_tag, requeue=True)
    connection.close()
    dead = open_bus(rabbit_url, "test").dead_letters("routing", TOPOLOGY)
    found = take(dead, bodies)
    dead.close()
    return found


def test_a_dead_letter_keeps_its_sender(rabbit_url: str) -> None:
    bus = open_bus(rabbit_url, "test")
    bus.declare(TOPOLOGY)
    publish(bus, [row(1)])
    send(rabbit_url, "H12", b"2")  # without a user: the sender cannot be verified
    found = {delivery.body: delivery.sender for delivery in dead_letters_of(rabbit_url, 2)}
    assert found == {b"1": "", b"2": UNKNOWN_SENDER}


def test_a_subscription_to_agencies_binds_no_topic_of_the_platform() -> None:
    assert TOPOLOGY.of("routing") == Subscription("routing", ("dossier.filed.v1",), receives_agency_events=True)
    assert not TOPOLOGY.of("notify").receives_agency_events
