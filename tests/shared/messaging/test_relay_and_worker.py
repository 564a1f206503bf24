"""From outbox to effect over either transport, with failures of transport, relay and worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from shared.contracts import REGISTRY, platform_topology
from shared.messaging.apply import Applier, Outcome
from shared.messaging.event import Event
from shared.messaging.lease import Lease, open_locks
from shared.messaging.outbox import OutboxRow, backlog
from shared.messaging.port import Bus, BusUnavailable, Delivery, PublishResult
from shared.messaging.relay import Relay
from shared.messaging.topology import SETTLE_SECONDS
from shared.messaging.transports import open_bus
from shared.messaging.worker import Worker
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from tests.support.stores import HandClock, bus_store, effects

TOPOLOGY = platform_topology()


def record(received: Event, work: UnitOfWork) -> None:
    statement = work.insert(effects).values(
        event_id=received.id, key=received.key, sequence=received.sequence, times=1, place=0
    )
    work.execute(
        statement.on_conflict_do_update(index_elements=[effects.c.event_id], set_={"times": effects.c.times + 1})
    )


def emit(store: Store, count: int, name: str = "dossier.received") -> None:
    entry = REGISTRY.by_name[name]
    data = entry.schema.load(entry.example)
    with store.uow() as unit:
        for number in range(count):
            unit.emit(name, {**data, "dossier": f"D{number % 7}"})


def drain(worker: Worker, count: int) -> None:
    done = quiet = 0
    while done < count and quiet < 20:
        step = worker.step()
        done += step
        quiet = 0 if step else quiet + 1


def effect_count(store: Store) -> int:
    with store.read() as connection:
        assert connection.execute(select(func.coalesce(func.max(effects.c.times), 1))).scalar_one() == 1
        return int(connection.execute(select(func.count()).select_from(effects)).scalar_one())


def pending(store: Store) -> int:
    with store.read() as connection:
        return backlog(connection)[0]


@pytest.fixture
def bus(bus_url: str) -> Bus:
    made = open_bus(bus_url, "test")
    made.declare(TOPOLOGY)
    return made


def relay_of(store: Store, bus: Bus, holder: str = "one", seconds: float = 3.0) -> Relay:
    return Relay(store, bus, Lease(open_locks(store.engine, holder, seconds), "relay"))


def test_committed_events_take_effect_once(bus: Bus, tmp_path: Path) -> None:
    sender = bus_store(f"sqlite:///{tmp_path}/a.db", "intake")
    receiver = bus_store(f"sqlite:///{tmp_path}/b.db", "stats")
    emit(sender, 500)
    relay = relay_of(sender, bus)
    while pending(sender):
        relay.step()
    worker = Worker("stats", bus, TOPOLOGY, Applier(receiver, {"dossier.received": record}).apply)
    drain(worker, 500)
    relay.close()
    worker.close()
    assert effect_count(receiver) == 500
    assert bus.depth("motcua.stats") == 0


class FailingBus:
    """A transport whose publisher publishes, then loses its connection before it returns the result."""

    def __init__(self, bus: Bus, failures: int) -> None:
        self.bus = bus
        self.failures = failures

    def publisher(self) -> FailingPublisher:
        return FailingPublisher(self)

    def __getattr__(self, name: str) -> object:
        return getattr(self.bus, name)


class FailingPublisher:
    def __init__(self, owner: FailingBus) -> None:
        self.owner = owner
        self.inner = owner.bus.publisher()

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        result = self.inner.publish(rows)
        if self.owner.failures:
            self.owner.failures -= 1
            raise BusUnavailable("the connection broke after the publish")
        return result

    def close(self) -> None:
        self.inner.close()


def test_events_without_a_confirm_are_published_again_and_applied_once(bus: Bus, tmp_path: Path) -> None:
    sender = bus_store(f"sqlite:///{tmp_path}/a.db", "intake")
    receiver = bus_store(f"sqlite:///{tmp_path}/b.db", "stats")
    emit(sender, 50)
    relay = relay_of(sender, FailingBus(bus, failures=3))  # type: ignore[arg-type]
    for _ in range(3):
        with pytest.raises(BusUnavailable):
            relay.step()
        assert pending(sender) == 50
    assert relay.step() == 50
    assert pending(sender) == 0
    worker = Worker("stats", bus, TOPOLOGY, Applier(receiver, {"dossier.received": record}).apply)
    drain(worker, 50)
    while worker.step():
        pass
    relay.close()
    worker.close()
    assert effect_count(receiver) == 50


def test_after_a_lost_connection_the_topology_is_declared_before_anything_is_published(
    bus: Bus, tmp_path: Path
) -> None:
    # a broker that was killed may come back without some binding: what is published then would be confirmed and lost
    sender = bus_store(f"sqlite:///{tmp_path}/a.db", "intake")
    emit(sender, 1)
    done: list[str] = []
    failing = FailingBus(bus, failures=1)
    lease = Lease(open_locks(sender.engine, "one", 3.0), "relay")
    relay = Relay(sender, failing, lease, lambda _: done.append("published"), lambda: done.append("declared"))  # type: ignore[arg-type]
    with pytest.raises(BusUnavailable):
        relay.step()
    assert relay.step() == 1
    assert done == ["declared", "published"]
    relay.close()


def test_a_batch_that_fails_for_any_reason_is_not_acknowledged_with_a_later_one(bus: Bus, tmp_path: Path) -> None:
    sender = bus_store(f"sqlite:///{tmp_path}/a.db", "intake")
    receiver = bus_store(f"sqlite:///{tmp_path}/b.db", "stats")
    emit(sender, 2)
    relay = relay_of(sender, bus)
    relay.step()
    applier = Applier(receiver, {"dossier.received": record})
    failures = iter([MemoryError, OSError])

    def apply(deliveries: Sequence[Delivery]) -> Outcome:
        for error in failures:
            raise error("of the process, not of the event")
        return applier.apply(deliveries)

    worker = Worker("stats", bus, TOPOLOGY, apply)
    for error in (MemoryError, OSError):
        with pytest.raises(error):
            drain(worker, 2)
        emit(sender, 1)
        relay.step()
    drain(worker, 4)
    assert effect_count(receiver) == 4
    relay.close()
    worker.close()


def test_an_event_without_a_queue_stays_in_the_outbox(bus_url: str, tmp_path: Path) -> None:
    bus = open_bus(bus_url, "test")
    bus.declare(type(TOPOLOGY)(()))  # declares no queue
    sender = bus_store(f"sqlite:///{tmp_path}/a.db", "intake")
    emit(sender, 3)
    seen: list[PublishResult] = []
    hand = HandClock()
    relay = Relay(
        sender,
        bus,
        Lease(open_locks(sender.engine, "one", 3.0), "relay"),
        seen.append,
        redeclare=lambda: bus.declare(TOPOLOGY),
        monotonic=hand,
    )
    assert [relay.step(), relay.step()] == [0, 0], (
        "the broker gets time to tell the consumers of a queue that was just deleted"
    )
    assert len(seen[0].unroutable) == 3
    assert pending(sender) == 3
    hand.pass_(SETTLE_SECONDS)
    assert relay.step() == 3, "the missing queues have been declared"
    relay.close()


def test_a_failing_redeclare_does_not_publish_confirmed_events_again(bus: Bus, bus_store_url: str) -> None:
    sender = bus_store(bus_store_url, "routing")

    def fail() -> None:
        raise BusUnavailable("the topology cannot be declared")

    hand = HandClock()
    lease = Lease(open_locks(sender.engine, "one", 3.0), "relay")
    relay = Relay(sender, bus, lease, redeclare=fail, monotonic=hand)
    addressed(sender, "H99", 2)
    emit(sender, 5)
    assert relay.step() == 5
    hand.pass_(SETTLE_SECONDS)
    with pytest.raises(BusUnavailable):
        relay.step()
    assert pending(sender) == 2, "only the events without a queue are left"
    emit(sender, 1)
    assert relay.step() == 1, "others go on"
    relay.close()


def addressed(store: Store, agency: str, count: int) -> None:
    entry = REGISTRY.by_name["agency.step.assigned"]
    with store.uow() as unit:
        for _ in range(count):
            unit.emit(entry.name, {**entry.schema.load(entry.example), "agency": agency})


def test_unroutable_events_neither_delay_the_others_nor_fill_batches(
    bus: Bus, bus_store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.relay.BATCH", 10)
    sender, hand, redeclared = bus_store(bus_store_url, "routing"), HandClock(), []
    relay = Relay(
        sender,
        bus,
        Lease(open_locks(sender.engine, "one", 3.0), "relay"),
        redeclare=lambda: redeclared.append(1),
        monotonic=hand,
    )
    addressed(sender, "H99", 25)  # more than a batch
    assert relay.step() == 0
    hand.pass_(SETTLE_SECONDS)
    assert relay.step() == 0, "retried soon, because the topology was declared again"
    for _ in range(3):
        emit(sender, 5)
        assert relay.step() == 5, "at once, though others wait before them"
    assert (pending(sender), len(redeclared)) == (25, 1)
    for _ in range(600):
        hand.pass_(1.0)
        relay.step()
    assert 55 <= len(redeclared) <= 75, "retried with growing pauses, at last every ten seconds"
    bus.declare(type(TOPOLOGY)((), ("H99",)))
    hand.pass_(10.0)
    assert [relay.step() for _ in range(4)] == [10, 10, 5, 0]
    relay.close()


def test_only_the_holder_of_the_lease_publishes(bus: Bus, tmp_path: Path) -> None:
    sender = bus_store(f"sqlite:///{tmp_path}/a.db", "intake")
    emit(sender, 2)
    first, second = relay_of(sender, bus, "one"), relay_of(sender, bus, "two")
    assert first.step() == 2
    emit(sender, 2)
    assert second.step() == 0
    first.close()
    assert second.step() == 2
    second.close()


def test_a_worker_that_crashes_before_acknowledging_has_no_second_effect(bus: Bus, tmp_path: Path) -> None:
    sender = bus_store(f"sqlite:///{tmp_path}/a.db", "intake")
    receiver = bus_store(f"sqlite:///{tmp_path}/b.db", "stats")
    emit(sender, 20)
    relay = relay_of(sender, bus)
    relay.step()
    relay.close()
    applier = Applier(receiver, {"dossier.received": record})
    consumer = bus.consumer("stats", TOPOLOGY)
    taken: list[Delivery] = []
    while len(taken) < 20:
        taken += consumer.take(20, 1.0)
    applier.apply(taken)
    consumer.close()  # committed, not acknowledged
    worker = Worker("stats", bus, TOPOLOGY, applier.apply)
    drain(worker, 20)
    worker.close()
    assert effect_count(receiver) == 20
    assert bus.depth("motcua.stats") == 0


class HangingBus:
    """A transport whose publisher hangs once after it has published, while something else happens."""

    def __init__(self, bus: Bus, meanwhile: Callable[[], None]) -> None:
        self.bus = bus
        self.meanwhile: Callable[[], None] | None = meanwhile

    def publisher(self) -> HangingPublisher:
        return HangingPublisher(self)

    def __getattr__(self, name: str) -> object:
        return getattr(self.bus, name)


class HangingPublisher:
    def __init__(self, owner: HangingBus) -> None:
        self.owner = owner
        self.inner = owner.bus.publisher()

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        result = self.inner.publish(rows)
        meanwhile, self.owner.meanwhile = self.owner.meanwhile, None
        if meanwhile:
            meanwhile()
        return result

    def close(self) -> None:
        self.inner.close()


def test_a_relay_that_hangs_while_another_works_deletes_only_what_it_published(
    bus: Bus, bus_store_url: str, tmp_path: Path
) -> None:
    sender = bus_store(bus_store_url, "intake")
    receiver = bus_store(f"sqlite:///{tmp_path}/b.db", "stats")

    def meanwhile() -> None:
        other = relay_of(sender, bus, "two", 0.3)
        while pending(sender):
            other.step()
        other.close()
        emit(
            sender, 5
        )  # into an empty outbox: if ids were reused, these rows would have the ids that the hanging relay deletes

    emit(sender, 5)
    hanging = relay_of(sender, HangingBus(bus, meanwhile), seconds=0.3)  # type: ignore[arg-type]
    hanging.step()
    assert pending(sender) == 5
    last = relay_of(sender, bus, "three", 0.3)
    while pending(sender):
        last.step()
    last.close()
    worker = Worker("stats", bus, TOPOLOGY, Applier(receiver, {"dossier.received": record}).apply)
    while effect_count(receiver) < 10:
        worker.step()
    worker.close()
