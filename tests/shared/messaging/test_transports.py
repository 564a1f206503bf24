"""Guarantees of both transports, checked on both."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.messaging.outbox import OutboxRow
from shared.messaging.port import Bus, BusUnavailable, PublishResult
from shared.messaging.topology import topology
from shared.messaging.transports import open_bus
from tests.shared.messaging.rabbitmq_support import numbers, row, rows, take
from tests.support.processes import REPOSITORY, wait_until

TOPOLOGY = topology({"routing": ["dossier.filed", "fee.paid"], "notify": ["dossier.filed"]})
VIETNAMESE = '{"tên": "Đặng Thị Ngọc Ánh", "việc": "đăng ký biến động đất đai — thửa 12, tờ bản đồ số 7"}'


@pytest.fixture
def bus(bus_url: str) -> Bus:
    opened = open_bus(bus_url, "test")
    opened.declare(TOPOLOGY)
    return opened


def publish(bus: Bus, *batches: list[OutboxRow]) -> list[PublishResult]:
    publisher = bus.publisher()
    try:
        return [publisher.publish(batch) for batch in batches]
    finally:
        publisher.close()


def test_a_published_message_is_delivered_unchanged(bus: Bus):
    assert publish(bus, [row(7, body=VIETNAMESE)]) == [PublishResult(confirmed=[7])]
    consumer = bus.consumer("routing", TOPOLOGY)
    [delivery] = take(consumer, 1)
    assert (delivery.body.decode(), delivery.attempts) == (VIETNAMESE, 0)
    consumer.done([delivery])
    assert consumer.take(10, 0.1) == []
    consumer.close()


def test_order_is_kept_over_many_batches_and_any_take(bus: Bus):
    published = publish(bus, rows(range(500)), rows(range(500, 530)), rows(range(530, 1200)))
    assert [len(part.confirmed) for part in published] == [500, 30, 670]
    consumer = bus.consumer("routing", TOPOLOGY)
    taken: list[int] = []
    for most in [1, 7, 100] * 20:
        if len(taken) < 1200:
            deliveries = consumer.take(most, 10)
            assert 0 < len(deliveries) <= most
            taken += numbers(deliveries)
            consumer.done(deliveries)
    while len(taken) < 1200:
        deliveries = take(consumer, 1)
        taken += numbers(deliveries)
        consumer.done(deliveries)
    assert taken == list(range(1200))
    consumer.close()


def test_an_empty_batch_has_an_empty_result(bus: Bus):
    assert publish(bus, []) == [PublishResult()]


def test_unacknowledged_messages_are_delivered_again_and_counted(bus: Bus):
    publish(bus, rows(range(6)))
    for attempts in range(3):
        consumer = bus.consumer("routing", TOPOLOGY)
        deliveries = take(consumer, 6)
        assert numbers(deliveries) == list(range(6))
        assert {delivery.attempts for delivery in deliveries} == {attempts}
        consumer.close()


def test_acknowledged_messages_are_not_delivered_again(bus: Bus):
    publish(bus, rows(range(6)))
    consumer = bus.consumer("routing", TOPOLOGY)
    consumer.done(take(consumer, 6)[:4])
    consumer.close()
    consumer = bus.consumer("routing", TOPOLOGY)
    deliveries = take(consumer, 2)
    assert numbers(deliveries) == [4, 5]
    consumer.done(deliveries)
    consumer.close()
    consumer = bus.consumer("routing", TOPOLOGY)
    assert consumer.take(10, 0.2) == []
    consumer.close()


def test_a_consumer_gets_an_unacknowledged_message_only_once(bus: Bus):
    publish(bus, rows(range(2)))
    consumer = bus.consumer("routing", TOPOLOGY)
    first = take(consumer, 2)
    publish(bus, rows([2]))
    second = take(consumer, 1)
    assert numbers(first + second) == [0, 1, 2]
    consumer.done(first + second)
    consumer.close()
    wait_until(lambda: bus.depth("motcua.routing") == 0, what="an empty queue")


def test_each_service_gets_its_own_copy_of_its_topics(bus: Bus):
    publish(bus, [row(1), row(2, "fee.paid"), row(3)])
    routing, notify = bus.consumer("routing", TOPOLOGY), bus.consumer("notify", TOPOLOGY)
    assert numbers(take(routing, 3)) == [1, 2, 3]
    deliveries = take(notify, 2)
    assert numbers(deliveries) == [1, 3]
    notify.done(deliveries)
    assert notify.take(10, 0.1) == []
    routing.close()
    routing = bus.consumer("routing", TOPOLOGY)  # another service's acknowledgement changes nothing
    assert numbers(take(routing, 3)) == [1, 2, 3]
    routing.close()
    notify.close()


def test_unroutable_events_are_reported_and_block_no_others(bus: Bus):
    [published] = publish(bus, [row(1), row(2, "parcel.posted"), row(3), row(4, "rating.given")])
    assert (sorted(published.confirmed), sorted(published.unroutable)) == ([1, 3], [2, 4])
    assert published.refused == []
    grown = topology({"stats": ["parcel.posted"]})
    bus.declare(grown)
    assert publish(bus, [row(2, "parcel.posted")]) == [PublishResult(confirmed=[2])]


def test_a_waiting_consumer_gets_what_is_published_later(bus: Bus):
    consumer = bus.consumer("routing", TOPOLOGY)
    assert consumer.take(10, 0) == []
    publish(bus, rows([1]))
    assert numbers(take(consumer, 1)) == [1]
    consumer.close()


@pytest.mark.parametrize("body", ["", "\x00", "not JSON", "[1]", '"🏛️"', "ệ" * 700_000], ids=lambda body: f"{len(body)}")
def test_any_body_arrives(bus: Bus, body: str):
    assert publish(bus, [row(1, body=body), row(2)]) == [PublishResult(confirmed=[1, 2])]
    consumer = bus.consumer("notify", TOPOLOGY)
    assert [delivery.body for delivery in take(consumer, 2)] == [body.encode(), b"2"]
    consumer.close()


def test_depth_counts_waiting_messages(bus: Bus):
    assert bus.depth("motcua.routing") == 0
    publish(bus, rows(range(5)))
    wait_until(lambda: bus.depth("motcua.routing") == 5, what="a depth of 5")
    assert bus.depth("motcua.unknown") == 0
    assert bus.depths(["motcua.unknown", "motcua.routing"]) == [0, 5]
    assert bus.depths([]) == []


def test_declaring_again_loses_nothing(bus: Bus):
    publish(bus, rows(range(3)))
    bus.declare(TOPOLOGY)
    consumer = bus.consumer("routing", TOPOLOGY)
    assert numbers(take(consumer, 3)) == [0, 1, 2]
    consumer.close()


def test_new_messages_are_not_dead_letters(bus: Bus):
    publish(bus, rows(range(3)))
    dead = bus.dead_letters("routing", TOPOLOGY)
    assert dead.take(10, 0.1) == []
    dead.close()


@pytest.mark.parametrize("url", ["", "embedded:", "redis://localhost", "http://x"])
def test_an_unknown_transport_is_refused(url: str):
    with pytest.raises(ValueError, match="neither embedded"):
        open_bus(url, "test")


def test_a_process_that_hangs_while_it_opens_the_bus_file_stops_the_others_in_bounded_time_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.bus_file.WAIT_SECONDS", 0.2)
    bus = open_bus(f"embedded:{tmp_path}/bus.db", "test")
    with (tmp_path / "bus.db.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BusUnavailable, match="another process opens it"):
            bus.depth("motcua.stats")
    assert bus.depth("motcua.stats") == 0, "it goes on as soon as the other has ended"


def test_the_embedded_transport_does_not_import_broker_clients(tmp_path: Path):
    program = f"""
import sys
from shared.messaging.transports import open_bus
from shared.messaging.topology import topology
bus = open_bus("embedded:{tmp_path}/bus.db", "test")
bus.declare(topology({{"routing": ["dossier.filed"]}}))
bus.publisher().close()
print([name for name in ("pika", "kombu.transport.pyamqp", "shared.messaging.rabbitmq") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_waiting_take_ends_at_a_message_and_at_an_interrupt(bus: Bus):
    consumer = bus.consumer("routing", TOPOLOGY)
    consumer.take(1, 0.0)
    with ThreadPoolExecutor(1) as pool:
        taking = pool.submit(consumer.take, 10, 600.0)
        publish(bus, [row(1)])
        assert numbers(taking.result(20)) == [1]
        taking = pool.submit(consumer.take, 10, 600.0)
        consumer.interrupt()
        assert taking.result(20) == []
        assert pool.submit(consumer.take, 10, 600.0).result(20) == [], "an interrupted consumer waits no more"
    consumer.close()
