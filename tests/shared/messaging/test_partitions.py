"""The number of partitions: who may change it, how processes share them, and a database that was restored from before a change."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from shared.contracts import platform_topology
from shared.messaging.lease import Lease, open_locks
from shared.messaging.partitions import generations
from shared.messaging.partitions.change import IN_FLIGHT_SECONDS, PartitionChange
from shared.messaging.partitions.generations import ChangeUnderWay
from shared.messaging.partitions.sharing import PartitionShare
from shared.messaging.rabbitmq import RabbitMqBus
from shared.messaging.topology import Generation
from shared.persistence.store import Store
from tests.shared.messaging.reconciliation_support import Node
from tests.support.processes import wait_until
from tests.support.stores import HandClock, bus_store


@pytest.fixture
def store(either_url: str) -> Iterator[Store]:
    opened = bus_store(either_url, "stats")
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def either_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/stats.db"
    return str(request.getfixturevalue("pg_url"))


def request_number(store: Store, number: int) -> bool:
    return store.run(lambda unit: generations.request(unit.connection, "stats", number, store.clock.wall()))


def present(store: Store) -> generations.Generations:
    with store.read() as connection:
        return generations.read(connection, "stats")


def test_one_change_at_a_time_and_the_same_number_changes_nothing(store: Store) -> None:
    assert present(store).rows == (Generation("stats"),)
    assert not request_number(store, 1)
    assert present(store).settled
    assert request_number(store, 4)
    assert not request_number(store, 4)  # another operator wants the same
    with pytest.raises(ChangeUnderWay, match="4"):
        request_number(store, 2)
    assert (present(store).consumed.number, present(store).newest) == (0, Generation("stats", 1, 4))
    store.run(lambda unit: generations.finish(unit.connection, present(store).consumed))
    assert request_number(store, 1)  # the old queues need not be deleted before the next change
    assert present(store).newest == Generation("stats", 2, 1)


def test_partitions_are_replaced_only_until_they_may_have_events(store: Store) -> None:
    def abandon() -> Generation:
        newest = present(store).newest
        store.run(lambda unit: generations.abandon(unit.connection, newest, store.clock.wall()))
        return present(store).newest

    assert request_number(store, 4)
    assert abandon() == Generation("stats", 2, 4)
    store.run(lambda unit: generations.record_routed(unit.connection, present(store).newest))
    assert abandon() == Generation("stats", 2, 4)
    assert [(row.number, row.routed) for row in present(store).rows] == [(0, True), (2, True)]


def test_processes_share_the_partitions_and_take_over_those_of_one_that_ends(store: Store) -> None:
    six = Generation("stats", 1, 6)
    processes = [open_locks(store.engine, name, 30.0) for name in ("a", "b", "c")]
    a, b, c = (PartitionShare(partial(Lease, locks)) for locks in processes)
    a.step(six, 1)
    assert a.queues(six) == six.queue_names
    for one in (a, b, c, a, b, c):
        one.step(six, 3)
    shares = [one.queues(six) for one in (a, b, c)]
    assert sorted(map(len, shares)) == [2, 2, 2]
    assert sorted(name for names in shares for name in names) == list(six.queue_names)
    b.close()
    for one in (a, c):
        one.step(six, 2)
    assert sorted((*a.queues(six), *c.queues(six))) == list(six.queue_names)
    two = Generation("stats", 2, 2)
    for one in (a, c, a):
        one.step(two, 2)
    assert sorted((*a.queues(two), *c.queues(two))) == list(two.queue_names)
    single = Generation("stats", 3, 1)
    a.step(single, 2)
    c.step(single, 2)
    assert a.queues(single) == c.queues(single) == single.queue_names, "the broker chooses"
    a.close()
    c.close()


def test_a_database_restored_from_before_a_change_gets_new_partitions(rabbit_url: str, tmp_path: Path) -> None:
    hand = HandClock()
    node = Node("stats", f"sqlite:///{tmp_path}/stats.db", rabbit_url, hand)
    bus = RabbitMqBus(rabbit_url, "test")
    queues = bus.partitions("stats")
    made = [Generation("stats"), *(Generation("stats", number, 2) for number in (1, 2, 3))]
    for pair in pairwise(made):
        queues.route(partial(list, pair), lambda _: None)
    assert present(node.store).rows == (Generation("stats"),)
    change = PartitionChange(node.store, queues, monotonic=hand)
    change.step()
    assert present(node.store).newest == Generation("stats", 4, 1)
    change.step()

    def step() -> bool:
        hand.pass_(IN_FLIGHT_SECONDS)
        change.step()
        node.consume()
        return present(node.store).settled

    wait_until(step, what="the new partitions")
    assert present(node.store).rows == (Generation("stats", 4, 1),)
    assert all(state.waiting == 0 for state in queues.look(["motcua.stats.3.0", "motcua.stats.3.1"]))
    publisher = Node("routing", f"sqlite:///{tmp_path}/routing.db", rabbit_url, hand)
    publisher.bus.declare(platform_topology())
    publisher.emit("dossier.resolved", ["D-1", "D-2"])
    publisher.publish()
    wait_until(lambda: queues.look(["motcua.stats.4.0"])[0].waiting == 2, what="events in the new queue")
    publisher.close()
    node.close()
