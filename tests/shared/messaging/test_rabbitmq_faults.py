"""Publishers and consumers during alarms and after a crash of the broker. This file starts its own broker."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator
from threading import Thread

import pytest

from shared.messaging.partitions import generations
from shared.messaging.partitions.change import IN_FLIGHT_SECONDS, UNUSABLE_SECONDS, PartitionChange
from shared.messaging.partitions.generations import Generations
from shared.messaging.port import BusUnavailable, PublishResult
from shared.messaging.rabbitmq import RabbitMqBus
from shared.messaging.rabbitmq.consumer import RabbitMqConsumer
from shared.messaging.rabbitmq.endpoint import parse_endpoint
from shared.messaging.rabbitmq.partitions import declare_partitions
from shared.messaging.sender_identity import agency_name
from shared.messaging.topology import Generation, Topology, topology
from shared.messaging.worker import BatchConsumer
from tests.shared.messaging.rabbitmq_support import (
    PATIENCE,
    numbers,
    publish_again,
    row,
    rows,
    take,
    take_again,
    unavailable_reason,
)
from tests.shared.messaging.reconciliation_support import Node
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitServer, vhost_of
from tests.support.stores import HandClock

TOPOLOGY = topology({"routing": ["dossier.filed"], "notify": ["dossier.filed"]})

# A node saves its list of queues within half a second; a queue that is younger when the node is killed comes back empty.
SAVE_QUEUES = "[dets:sync(Table) || Table <- dets:all()]."


@pytest.fixture(scope="module")
def own_rabbit() -> Iterator[RabbitServer]:
    with RabbitServer() as server:
        yield server


@pytest.fixture
def url(own_rabbit: RabbitServer) -> str:
    url = own_rabbit.create_vhost()
    RabbitMqBus(url, "test").declare(TOPOLOGY)
    return url


def test_an_alarm_stops_publishers_in_bounded_time_but_not_consumers(own_rabbit, url):
    bus = RabbitMqBus(f"{url}?confirm_timeout=1", "test")
    publisher, consumer = bus.publisher(), bus.consumer("routing", TOPOLOGY)
    assert len(publish_again(publisher, rows(range(5))).confirmed) == 5
    own_rabbit.set_memory_alarm(True)
    try:
        for _ in range(2):
            with pytest.raises(BusUnavailable, match="alarm"):
                publisher.publish(rows(range(5, 10)))
        consumer.done(take(consumer, 5))  # consumers must go on, otherwise memory would never be freed
        assert bus.depth("motcua.notify") == 5
    finally:
        own_rabbit.set_memory_alarm(False)
    assert len(publish_again(publisher, rows(range(5, 10))).confirmed) == 5
    assert set(numbers(take(consumer, 5))) <= set(range(5, 10))
    publisher.close()
    consumer.close()


def test_an_alarm_stops_a_publisher_that_connects_during_it(own_rabbit, url):
    bus = RabbitMqBus(f"{url}?confirm_timeout=1", "test")
    publisher = bus.publisher()
    own_rabbit.set_disk_alarm(True)
    try:
        for _ in range(2):
            with pytest.raises(BusUnavailable, match="alarm"):
                publisher.publish([row(1)])
    finally:
        own_rabbit.set_disk_alarm(False)
    assert publish_again(publisher, [row(2)]) == PublishResult(confirmed=[2])
    publisher.close()


def test_confirmed_events_survive_a_crash_of_the_broker(own_rabbit, url):
    own_rabbit.ctl("eval", SAVE_QUEUES)
    bus = RabbitMqBus(url, "test")
    consumer = bus.consumer("routing", TOPOLOGY)
    publisher = bus.publisher()
    confirmed: list[int] = []
    losses: list[BusUnavailable] = []

    def publish() -> None:
        try:
            for start in range(0, 1_000_000, 200):
                confirmed.extend(publisher.publish(rows(range(start, start + 200))).confirmed)
        except BusUnavailable as loss:
            losses.append(loss)

    thread = Thread(target=publish)
    thread.start()
    unacknowledged = take(consumer, 300)
    consumer.done(unacknowledged[:100])
    wait_until(lambda: len(confirmed) > 1000, what="a thousand confirms")
    own_rabbit.kill9()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert losses
    unavailable_reason(lambda: consumer.take(100, 1))
    own_rabbit.start()
    # as the relay does after a lost connection: a node that was killed sometimes comes back without a binding that it had
    bus.declare(TOPOLOGY)
    last = max(confirmed) + 1
    assert publish_again(publisher, [row(1_000_000)]) == PublishResult(confirmed=[1_000_000])
    received: list[int] = []
    deliveries = take_again(consumer, 1)
    while deliveries:
        consumer.done(deliveries)
        received += numbers(deliveries)
        deliveries = [] if received[-1] == 1_000_000 else consumer.take(100, PATIENCE)
    assert received[-1] == 1_000_000
    consumer.close()
    assert set(confirmed) <= set(received) | set(numbers(unacknowledged[:100]))
    once = list(dict.fromkeys(received))
    assert once == sorted(once)
    other = RabbitMqBus(f"{url}?prefetch=65535", "test").consumer("notify", TOPOLOGY)
    assert numbers(take(other, last)) == list(range(last))
    other.close()
    publisher.close()


def lose_data(server: RabbitServer, url: str, queue: str) -> None:
    """Leaves a queue as a node does that was killed shortly after the queue was declared: listed, without its data and its process."""
    server.ctl("eval", f"ra:force_delete_server(quorum_queues, {{'{vhost_of(url)}_{queue}', node()}}).")


@pytest.mark.parametrize("queue", ["motcua.routing", "motcua.routing.dead"])
def test_a_consumer_has_a_queue_replaced_that_lost_its_data(own_rabbit, url, queue):
    bus = RabbitMqBus(f"{url}?replace_after=1", "test")
    publisher = bus.publisher()
    lose_data(own_rabbit, url, queue)
    consumer = (bus.dead_letters if queue.endswith("dead") else bus.consumer)("routing", TOPOLOGY)
    assert "INTERNAL_ERROR" in unavailable_reason(lambda: consumer.take(1, 1))

    def usable() -> bool:
        try:
            consumer.take(1, 0.1)
        except BusUnavailable:
            return False
        return True

    wait_until(usable, PATIENCE, what="the queue to be usable")
    publisher.publish([row(1)._replace(route=("", queue))])
    assert numbers(take(consumer, 1)) == [1]
    publisher.close()
    consumer.close()


def test_who_is_refused_has_exactly_the_queues_replaced_that_lost_their_data(own_rabbit, url):
    known = Topology(TOPOLOGY.subscriptions, ("H12.14", "H12.15"))
    bus = RabbitMqBus(url, "test")
    bus.declare(known)
    publisher, lost = bus.publisher(), agency_name("H12.14")
    addressed = [row(number, topic=agency_name(code)) for number, code in enumerate(known.agencies)]
    filed = row(7)
    assert publish_again(publisher, [*addressed, filed]).confirmed == [0, 1, 7]
    lose_data(own_rabbit, url, lost)
    assert publish_again(publisher, addressed).refused == [0]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: bus.replace_unusable(known), range(3)))
    # two at once would leave the broker with a queue that nobody can declare
    assert sorted(found) == [[], [], [lost]]
    assert bus.replace_unusable(known) == []
    publisher.close()
    publisher = bus.publisher()
    assert publish_again(publisher, addressed).confirmed == [0, 1]
    for queue, kept in {"motcua.routing": [7], lost: [0], agency_name("H12.15"): [1, 1, 1]}.items():
        consumer = RabbitMqConsumer(parse_endpoint(url), "test", [queue], redeclare=lambda: None)
        assert numbers(take(consumer, len(kept))) == kept, queue
        consumer.close()
    publisher.close()


def restart_as_unsaved(server: RabbitServer, url: str, queue: str) -> None:
    """Leaves a queue as a node does that was killed before it had saved it: recovered without its data, waiting for an election."""
    vhost, resource = vhost_of(url), f"{vhost_of(url)}_{queue}"
    server.ctl(
        "eval",
        f"""{{ok, Queue}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"{vhost}">>, queue, <<"{queue}">>)),
        ok = ra:force_delete_server(quorum_queues, {{'{resource}', node()}}),
        rabbit_quorum_queue:recover(<<"{vhost}">>, [Queue]).""",
    )


def test_a_change_goes_on_with_other_partitions_when_the_broker_has_lost_a_new_one(own_rabbit, tmp_path):
    url, hand = own_rabbit.create_vhost(), HandClock()
    bus_url = f"{url}?connect_timeout=1"
    node, publisher = (Node(name, f"sqlite:///{tmp_path}/{name}.db", bus_url, hand) for name in ("stats", "intake"))
    queues = RabbitMqBus(bus_url, "test").partitions("stats")
    change = PartitionChange(node.store, queues, monotonic=hand)
    emitted = 0

    def present() -> Generations:
        with node.store.read() as connection:
            return generations.read(connection, "stats")

    def step(seconds: float) -> Generations:
        nonlocal emitted
        publisher.emit("dossier.received", ["D-1", "D-2"])
        publisher.publish()
        emitted += 1
        hand.pass_(seconds)
        change.step()
        node.consume()
        return present()

    node.store.run(lambda unit: generations.request(unit.connection, "stats", 2, node.store.clock.wall()))
    lost, replacement = present().newest, Generation("stats", 2, 2)
    declare_partitions(parse_endpoint(url), "test", lost)
    restart_as_unsaved(own_rabbit, url, "motcua.stats.1.1")
    with pytest.raises(BusUnavailable, match="confirmed nothing"):
        RabbitMqBus(f"{url}?confirm_timeout=1", "test").publisher().publish(
            [row(1)._replace(route=("", "motcua.stats.1.1"))]
        )
    assert step(0).newest == lost, "it may only be slow"
    assert step(UNUSABLE_SECONDS).newest == replacement
    assert step(0).newest.routed
    wait_until(lambda: not step(IN_FLIGHT_SECONDS).changing, what="the events in the old queue to be applied")
    node.worker.close()
    node.worker = BatchConsumer(
        lambda: node.bus.consumer("stats", node.topology, replacement, replacement.queue_names), node.applier.apply, 0.1
    )
    wait_until(
        lambda: step(0).rows == (replacement,), what="the old queues to be deleted"
    )  # the broker counts consumers late
    wait_until(lambda: node.consume() == 0 and len(node.applied) == 2 * emitted, what="all events applied")
    for key in ("D-1", "D-2"):
        assert [number for one, number in node.applied if one == key] == list(range(1, emitted + 1))
    assert queues.look(["motcua.stats.1.0"])[0].waiting == 0
    node.close()
    publisher.close()


def test_a_queue_that_only_does_not_answer_keeps_its_messages(own_rabbit, url):
    """As when the majority of a queue's nodes is away: its data are there and will be back."""
    bus = RabbitMqBus(f"{url}?connect_timeout=3", "test")
    publisher = bus.publisher()
    assert publish_again(publisher, [row(1)]).confirmed == [1]
    process = f"whereis('{vhost_of(url)}_motcua.routing')"
    own_rabbit.ctl("eval", f"sys:suspend({process}).")
    try:
        assert bus.replace_unusable(TOPOLOGY) == []
    finally:
        own_rabbit.ctl("eval", f"sys:resume({process}).")
    consumer = bus.consumer("routing", TOPOLOGY)
    assert numbers(take_again(consumer, 1)) == [1]
    consumer.close()
    publisher.close()
