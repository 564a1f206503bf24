"""Every subscriber gets every event, whatever was deleted from the bus in between: bindings, queues, the exchange, the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from shared.contracts import REGISTRY
from shared.messaging import missing_events, outbox, parked_events, published, retry_policy
from shared.messaging.event import Event, event_source, new_id
from shared.messaging.port import Delivery
from shared.messaging.reconciliation import checks, messages, windows
from shared.messaging.tables import delivery_windows, inbox, published_events
from tests.shared.messaging.reconciliation_support import Node, settle, since_start
from tests.support.prepared import PreparedFiles
from tests.support.sabotage import SERVICES, Sabotage
from tests.support.stores import HandClock, bus_tables, effects

PAIRS = sorted(
    {
        (entry.owner, name)
        for entry in REGISTRY.by_name.values()
        for name in entry.subscribers
        if entry.owner in SERVICES
    }
)
ON_EACH_BUS = {("intake", "rating"), ("notify", "intake"), ("platform", "routing")}
"""Pairs without and with other subscribers: what is lost depends on these and on the bus, not on which services the pair joins."""
LOST = [("embedded", *pair) for pair in PAIRS] + [("rabbitmq", *pair) for pair in PAIRS if pair in ON_EACH_BUS]
RECEIVED = "dossier.received"


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


Nodes = Callable[..., Node]


@pytest.fixture
def node(bus_url: str, tmp_path: Path, hand: HandClock, prepared_files: PreparedFiles) -> Iterator[Nodes]:
    made: list[Node] = []

    def make(name: str, partitions: int = 1) -> Node:
        url = prepared_files.copy(bus_tables, tmp_path / f"{name}.db")
        made.append(Node(name, url, bus_url, hand, partitions))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def sabotage(bus_url: str) -> Sabotage:
    return Sabotage(bus_url)


def event_of(publisher: str, subscriber: str) -> str:
    """The name of an event of this pair."""
    entries = REGISTRY.by_name.values()
    return next(entry.name for entry in entries if entry.owner == publisher and subscriber in entry.subscribers)


@pytest.mark.parametrize(("bus_url", "publisher", "subscriber"), LOST, indirect=["bus_url"])
def test_a_lost_binding_loses_nothing(
    publisher: str, subscriber: str, node: Nodes, sabotage: Sabotage, hand: HandClock
) -> None:
    name = event_of(publisher, subscriber)
    one = node(publisher)
    other = one if subscriber == publisher else node(subscriber)  # notify tells itself of parcels
    known = {publisher, subscriber}
    others = [node(service) for service in REGISTRY.by_name[name].subscribers if service not in known]
    sabotage.delete_binding(subscriber, REGISTRY.by_name[name].type.removeprefix("vn.motcua."))
    one.emit(name, [f"D{number}" for number in range(8)])
    if not others:  # without any queue the event is unroutable, and the relay declares the topology again
        one.publish()
    assert settle(hand, *dict.fromkeys((one, other, *others))) <= 15
    assert other.applied == [(f"D{number}", 1) for number in range(8)]


def test_a_queue_that_is_deleted_with_its_messages_loses_nothing(
    node: Nodes, sabotage: Sabotage, hand: HandClock
) -> None:
    intake, routing, notify, stats = (node(name) for name in ("intake", "routing", "notify", "stats"))
    intake.emit(RECEIVED, [f"D{number % 7}" for number in range(70)])
    intake.publish()
    sabotage.delete_queue("routing")
    settle(hand, intake, routing, notify, stats)
    for subscriber in (routing, notify, stats):
        assert sorted(subscriber.applied) == sorted((f"D{number % 7}", number // 7 + 1) for number in range(70))
    assert intake.resent == 70  # only to routing, each once
    in_order(routing)


def in_order(subscriber: Node) -> None:
    last: dict[str, int] = {}
    for key, sequence in subscriber.applied:
        assert sequence > last.get(key, 0), f"{key}: {sequence} after {last[key]}"
        last[key] = sequence


def test_a_deleted_exchange_is_declared_again_and_loses_nothing(
    node: Nodes, sabotage: Sabotage, hand: HandClock
) -> None:
    intake, routing, notify, stats = (node(name) for name in ("intake", "routing", "notify", "stats"))
    intake.emit(RECEIVED, ["D1", "D2"])
    settle(hand, intake, routing, notify, stats)
    sabotage.delete_exchange()
    intake.emit(RECEIVED, ["D1", "D2"])
    settle(hand, intake, routing, notify, stats)
    for subscriber in (routing, notify, stats):
        assert subscriber.applied == [("D1", 1), ("D2", 1), ("D1", 2), ("D2", 2)]


def test_a_bus_that_is_lost_with_everything_in_it_loses_nothing(
    node: Nodes, sabotage: Sabotage, hand: HandClock
) -> None:
    intake, routing, notify, stats = (node(name) for name in ("intake", "routing", "notify", "stats"))
    intake.emit(RECEIVED, [f"D{number % 3}" for number in range(30)])
    intake.publish()
    routing.consume()
    sabotage.lose_everything()
    intake.emit(RECEIVED, ["D3"])
    settle(hand, intake, routing, notify, stats)
    for subscriber in (routing, notify, stats):
        assert sorted(subscriber.applied) == sorted([*((f"D{n % 3}", n // 3 + 1) for n in range(30)), ("D3", 1)])
        in_order(subscriber)


def test_later_events_of_a_key_wait_for_one_that_is_known_to_be_missing(
    node: Nodes, sabotage: Sabotage, hand: HandClock
) -> None:
    intake, stats, rest = node("intake"), node("stats"), [node("routing"), node("notify"), node("rating")]
    sabotage.delete_binding("stats", "dossier.received.v1")
    intake.emit(RECEIVED, ["D1", "D2"])
    intake.publish()
    hand.pass_(6)
    intake.reconcile()
    intake.publish()
    stats.consume()  # it knows now that D1/1 and D2/1 are missing
    assert stats.waiting[retry_policy.WAITING] == 2
    intake.emit("dossier.returned", ["D1"])
    with intake.store.uow() as unit:  # what stats has asked for is still under way
        held = outbox.pending(unit.connection, 1000)
    assert [row.type for row in held] == [REGISTRY.by_name["dossier.returned"].type]
    intake.publish()
    stats.consume()
    assert stats.applied == []
    settle(hand, intake, stats, *rest)
    assert stats.applied == [("D1", 1), ("D1", 2), ("D2", 1)] or stats.applied == [("D1", 1), ("D2", 1), ("D1", 2)]


def test_an_idle_platform_sends_nothing(node: Nodes, hand: HandClock) -> None:
    intake, rest = node("intake"), [node(name) for name in ("routing", "notify", "stats")]
    intake.emit(RECEIVED, ["D1"])
    settle(hand, intake, *rest)
    assert intake.reconcile() == 0
    hand.pass_(timedelta(days=3))
    assert intake.reconcile() == 0
    assert [one.pending for one in (intake, *rest)] == [0, 0, 0, 0]


def test_a_subscriber_that_is_down_for_days_finds_few_messages(node: Nodes, hand: HandClock) -> None:
    rating, stats = node("rating"), node("stats")
    for _ in range(12):  # twelve windows
        rating.emit("rating.given", ["D1"])
        rating.publish()
        hand.pass_(6)
        rating.reconcile()
    for _ in range(2 * 24 * 6):
        hand.pass_(timedelta(minutes=10))
        rating.reconcile()
    assert rating.pending <= 12 + 2 * 24 * 6
    settle(hand, rating, stats)
    assert stats.applied == [("D1", number) for number in range(1, 13)]


def test_duplicates_and_old_answers_change_nothing(node: Nodes, hand: HandClock) -> None:
    intake, routing, rest = node("intake"), node("routing"), [node("notify"), node("stats")]
    intake.emit(RECEIVED, ["D1", "D2"])
    intake.publish()
    hand.pass_(6)
    intake.reconcile()
    with intake.store.read() as connection:
        summary = next(row for row in outbox.pending(connection, 1000) if row.topic == "@routing")
    lacking = Delivery(summary.body.encode(), 0)
    routing.applier.apply([lacking, lacking])  # before the events: they count as missing
    assert routing.waiting[retry_policy.WAITING] == 2
    routing.publish()
    settle(hand, intake, routing, *rest)
    routing.applier.apply([lacking])  # late: the window is confirmed
    settle(hand, intake, routing, *rest)
    assert routing.applied == [("D1", 1), ("D2", 1)]
    assert routing.waiting == {retry_policy.WAITING: 0, retry_policy.PARKED: 0}


def test_millions_of_events_are_compared_again_in_parts(
    node: Nodes, hand: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "MOST_AT_ONCE", 7)
    monkeypatch.setattr(windows, "MOST_EVENTS", 5)
    intake = node("intake")
    intake.emit(RECEIVED, [f"D{number}" for number in range(23)])
    intake.publish()
    with intake.store.read() as connection:
        found = published.since(connection, since_start(hand), [REGISTRY.by_name[RECEIVED].type])
        assert next(found).key == "D0"
        assert [event.key for event in found] == [f"D{number}" for number in range(1, 23)]
    with intake.store.uow() as unit:
        counts = windows.reopen(unit.connection, since_start(hand), intake.store.clock.wall(), "stats")
        assert counts == {"stats": 23}
        sizes = unit.connection.execute(select(delivery_windows.c.events)).scalars()
        assert sorted(sizes, reverse=True) == [5, 5, 5, 5, 3]


def test_a_malformed_message_of_the_bus_is_ignored(node: Nodes) -> None:
    routing = node("routing")
    for type_ in sorted(messages.TYPES):
        for data in ({}, {"window": 1, "attempt": "x", "events": [1], "missing": 3, "since": "never"}):
            event = Event(new_id(), event_source("intake"), type_, routing.store.clock.now(), "k", 0, dict(data))
            assert routing.applier.apply([Delivery(event.to_json(), 0)]).parked == 0
    assert routing.waiting == {retry_policy.WAITING: 0, retry_policy.PARKED: 0}


def test_a_service_gets_again_only_what_it_subscribes_to(node: Nodes, hand: HandClock) -> None:
    intake, rating, rest = node("intake"), node("rating"), [node(name) for name in ("routing", "notify", "stats")]
    intake.emit("applicant.registered", ["D1"])
    intake.emit("dossier.returned", ["D1"])
    settle(hand, intake, rating, *rest)
    with intake.store.read() as connection:
        secret, returned = published.since(connection, since_start(hand), REGISTRY.by_type)
    at = intake.store.clock.wall()
    with intake.store.uow() as unit:
        assert windows.reopen(unit.connection, since_start(hand), at, "rating") == {"rating": 1}
        windows.send_summaries(unit.connection, "intake", at)
    with intake.store.read() as connection:
        [window] = connection.execute(select(delivery_windows.c.id)).scalars()
    answer = messages.Answer(window, 1, (secret.event_id, returned.event_id))  # it asks for more than it may have
    with intake.store.uow() as unit:
        assert windows.record_answer(unit.connection, "stats", answer, at) == 0  # not its window
        assert windows.record_answer(unit.connection, "rating", answer, at) == 1
    with intake.store.read() as connection:
        sent = [row.event_id for row in outbox.pending(connection, 100) if row.topic == "@rating"]
    assert secret.event_id not in sent
    assert returned.event_id in sent


def test_a_subscriber_that_was_restored_from_a_backup_gets_what_it_has_forgotten(node: Nodes, hand: HandClock) -> None:
    intake, routing, rest = node("intake"), node("routing"), [node("notify"), node("stats")]
    start = since_start(hand)
    intake.emit(RECEIVED, [f"D{number % 3}" for number in range(9)])
    settle(hand, intake, routing, *rest)
    with routing.store.uow() as unit:  # the state of yesterday's backup
        unit.execute(delete(inbox))
        unit.execute(delete(effects))
        publishers = checks.request_everything(unit.connection, "routing", start, routing.store.clock.wall())
    assert publishers == ("intake", "notify", "rating", "stats")
    routing.publish()
    intake.consume()
    assert intake.unsettled
    settle(hand, intake, routing, *rest)
    assert sorted(routing.applied) == sorted((f"D{number % 3}", number // 3 + 1) for number in range(9))
    in_order(routing)


def test_partitioned_queues_are_reconciled_too(node: Nodes, sabotage: Sabotage, hand: HandClock) -> None:
    intake, routing, rest = node("intake", 3), node("routing", 3), [node("notify", 3), node("stats", 3)]
    intake.emit(RECEIVED, [f"D{number % 7}" for number in range(21)])
    intake.publish()
    sabotage.delete_queue("routing.1.1")
    sabotage.delete_queue("routing.1.0")
    settle(hand, intake, routing, *rest)
    assert sorted(routing.applied) == sorted((f"D{number % 7}", number // 7 + 1) for number in range(21))
    in_order(routing)


def test_an_event_that_nobody_can_send_again_is_parked_and_can_be_discarded(
    node: Nodes, sabotage: Sabotage, hand: HandClock
) -> None:
    intake, routing, rest = node("intake"), node("routing"), [node("notify"), node("stats")]
    sabotage.delete_binding("routing", "dossier.received.v1")
    intake.emit(RECEIVED, ["D1"])
    intake.publish()
    hand.pass_(6)
    intake.reconcile()
    with intake.store.uow() as unit:
        unit.execute(delete(published_events))
    for one in (intake, routing, *rest):
        one.publish()
        one.consume()
    hand.pass_(missing_events.MISSING_PARKED_AFTER)
    routing.consume()
    with routing.store.read() as connection:
        [entry] = parked_events.oldest(connection)
    assert (entry.kind, entry.key) == (retry_policy.MISSING, "D1")
    with routing.store.uow() as unit:
        assert parked_events.discard(unit.connection, [entry.id]) == 1
    settle(hand, intake, routing, *rest)
    assert routing.applied == []


def test_what_no_subscriber_lacks_is_deleted_after_some_days_and_a_secret_at_once(node: Nodes, hand: HandClock) -> None:
    rating, notify = node("rating"), node("notify")
    stats = node("stats")
    rating.emit("rating.invited", ["D1"])
    rating.emit("rating.given", ["D1"])
    rating.publish()
    for days in (8, 0):  # while stats and notify have not confirmed, nothing is deleted however old it is
        hand.pass_(timedelta(days=days))
        with rating.store.uow() as unit:
            assert published.forget_before(unit.connection, rating.store.clock.wall() - timedelta(days=7)) == 0
        rating.reconcile()
    settle(hand, rating, notify, stats)
    with rating.store.uow() as unit:
        assert published.counts(unit.connection) == {REGISTRY.by_name["rating.given"].type: 1}
        assert published.forget_before(unit.connection, rating.store.clock.wall() - timedelta(days=7)) == 1
