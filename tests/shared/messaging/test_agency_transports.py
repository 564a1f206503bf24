"""What both carriers promise to agencies: what is addressed to one reaches it alone, and what one says comes with its name."""

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
from shared.messaging.topology import Subscription, Topology, topology
from shared.messaging.transports import open_bus
from tests.shared.messaging.agency_support import COMPLETED, said, send
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


def heard(bus: Bus, count: int, at: Topology = TOPOLOGY) -> list[Delivery]:
    consumer = bus.consumer("routing", at)
    deliveries = take(consumer, count)
    consumer.done(deliveries)
    assert consumer.take(10, 0.1) == []
    consumer.close()
    return deliveries


def test_what_is_addressed_to_an_agency_reaches_it_alone(bus: Bus, bus_url: str) -> None:
    rows = [row(number, ASSIGNED, topic=agency_name(code)) for number, code in enumerate(CODES)]
    assert sorted(publish(bus, [*rows, row(9)]).confirmed) == [0, 1, 2, 9]
    for number, code in enumerate(CODES):
        consumer = agency_consumer(bus_url, code)
        deliveries = take(consumer, 1)
        consumer.done(deliveries)
        assert (numbers(deliveries), consumer.take(10, 0.1)) == ([number], [])
        consumer.close()
    assert numbers(heard(bus, 1)) == [9]


def test_an_addressed_event_without_its_queue_is_unroutable_and_goes_when_the_queue_is_there(bus: Bus) -> None:
    late = row(1, ASSIGNED, topic="agency.H99")
    assert publish(bus, [late, row(2)]) == PublishResult(confirmed=[2], unroutable=[1])
    bus.declare(Topology((), ("H99",)))
    assert publish(bus, [late]) == PublishResult(confirmed=[1])
    assert bus.depth("agency.H99") >= 0


def test_declaring_agencies_again_loses_nothing(bus: Bus, bus_url: str) -> None:
    publish(bus, [row(1, ASSIGNED, topic="agency.H12")])
    bus.declare(TOPOLOGY)
    bus.declare(topology(HANDLERS))  # a process that has no list of agencies leaves them alone
    publish(bus, [row(2, ASSIGNED, topic="agency.H12")])
    consumer = agency_consumer(bus_url, "H12")
    assert numbers(take(consumer, 2)) == [1, 2]
    consumer.close()


@pytest.mark.parametrize("code", CODES)
def test_what_an_agency_says_comes_with_its_code_to_who_hears_agencies(bus: Bus, bus_url: str, code: str) -> None:
    send(bus_url, code, said(code).to_json())
    publish(bus, [row(7)])
    found = {delivery.body: delivery.sender for delivery in heard(bus, 2)}
    assert found == {said(code).to_json(): code, b"7": ""}
    assert numbers(bus.consumer("notify", TOPOLOGY).take(10, 5)) == [7]


def test_two_agencies_may_use_the_same_id(bus: Bus, bus_url: str) -> None:
    for code in CODES:
        send(bus_url, code, said(code).to_json())
    assert sorted(delivery.sender for delivery in heard(bus, 3)) == sorted(CODES)


def test_the_embedded_carrier_refuses_keys_that_are_not_the_agencys(tmp_path: Path) -> None:
    bus = EmbeddedBus(tmp_path / "bus.db")
    bus.declare(TOPOLOGY)
    publisher = bus.agency_publisher("H12")
    keys = ("agency.H12.14.step.completed", "agency.H12", "agency.H12.step.assigned", "dossier.filed.v1")
    fate = publisher.publish([OutboxRow(number, "id", "", "", "{}", key) for number, key in enumerate(keys)])
    assert fate == PublishResult(refused=[0, 1, 2, 3])
    publisher.close()
    with pytest.raises(ValueError, match="no agency's code"):
        bus.agency_publisher("H12.#")


def test_over_partitions_agencies_are_heard_and_dossiers_keep_to_one(rabbit_url: str) -> None:
    parted = topology(HANDLERS, 3)
    bus = open_bus(rabbit_url, "test")
    bus.declare(parted)
    for number in range(12):
        send(rabbit_url, "H12", str(number).encode(), headers={"partitionkey": f"D-{number % 4}"})
    publish(bus, [row(100 + number, key=f"D-{number}") for number in range(4)])
    places: dict[str, set[str]] = {}
    for queue in parted.of("routing").queue_names:
        consumer = RabbitMqConsumer(parse_endpoint(rabbit_url), "test", (queue,), redeclare=lambda: None)
        while deliveries := consumer.take(100, 0.5):
            for delivery in deliveries:
                assert delivery.sender == ("" if int(delivery.body) >= 100 else "H12")
                places.setdefault(f"D-{int(delivery.body) % 4}", set()).add(queue)
            consumer.done(deliveries)
        consumer.close()
    assert {key: len(queues) for key, queues in places.items()} == {"D-0": 1, "D-1": 1, "D-2": 1, "D-3": 1}


def test_a_second_key_in_the_headers_changes_no_sender(rabbit_url: str) -> None:
    bus = open_bus(rabbit_url, "test")
    bus.declare(TOPOLOGY)
    headers = {"CC": ["agency.H12.14.step.completed"], "BCC": ["agency.H12.14.02.step.completed"]}
    send(rabbit_url, "H12", b"1", headers=headers)
    assert [delivery.sender for delivery in heard(bus, 1)] == ["H12"]


def nested(depth: int) -> bytes:
    """A table in a table in a table … as AMQP has it."""
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

    with monkeypatch.context() as patched:  # a client that writes what pika's own does not
        patched.setattr(pika.data, "encode_value", encoded)
        send(rabbit_url, "H12", b"1", headers={"strange": why})
    send(rabbit_url, "H12", b"2")
    assert [(delivery.body, delivery.sender) for delivery in heard(bus, 2)] == [(b"1", "H12"), (b"2", "H12")]


def test_headers_that_look_like_the_brokers_own_counts_are_no_fault(rabbit_url: str) -> None:
    bus = open_bus(rabbit_url, "test")
    bus.declare(TOPOLOGY)
    send(rabbit_url, "H12", b"1", headers={"x-acquired-count": "many", "x-delivery-count": "more"})
    first = bus.consumer("routing", TOPOLOGY)
    assert numbers(take(first, 1)) == [1]
    first.close()
    again = bus.consumer("routing", TOPOLOGY)
    assert [(delivery.sender, delivery.attempts) for delivery in take_again(again, 1)] == [("H12", 1)]
    again.close()


def dead_of(rabbit_url: str, bodies: int) -> list[Delivery]:
    """Hands routing's messages out until the broker gives them up; returns its dead letters."""
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


def test_a_dead_letter_still_tells_its_sender(rabbit_url: str) -> None:
    bus = open_bus(rabbit_url, "test")
    bus.declare(TOPOLOGY)
    publish(bus, [row(1)])
    send(rabbit_url, "H12", b"2")  # without a user: it may be anybody's
    found = {delivery.body: delivery.sender for delivery in dead_of(rabbit_url, 2)}
    assert found == {b"1": "", b"2": UNKNOWN_SENDER}


def test_a_subscription_to_agencies_binds_no_topic_of_the_platform() -> None:
    assert TOPOLOGY.of("routing") == Subscription("routing", ("dossier.filed.v1",), receives_agency_events=True)
    assert not TOPOLOGY.of("notify").receives_agency_events
