"""Applying events: once each, in order, and nothing lost whatever a handler or a message does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from shared.messaging import retry_queue
from shared.messaging.apply import MAX_CRASHES, Applier, Handler, in_sequence
from shared.messaging.errors import NotYet, Permanent
from shared.messaging.event import Event
from shared.messaging.retry_queue import RetryPolicy
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from tests.support.events import deliveries, event
from tests.support.stores import HandClock, bus_store, effects

QUICK = RetryPolicy(first=1.0, longest=60.0, retries=3, waits=5)


class Fault:
    """A handler that makes an effect unless it is told to fail."""

    def __init__(self) -> None:
        self.raises: Callable[[Event], Exception | None] = lambda _: None
        self.calls = 0

    def __call__(self, received: Event, work: UnitOfWork) -> None:
        self.calls += 1
        statement = work.insert(effects).values(
            event_id=received.id, key=received.key, sequence=received.sequence, times=1, place=self.calls
        )
        work.execute(
            statement.on_conflict_do_update(index_elements=[effects.c.event_id], set_={"times": effects.c.times + 1})
        )
        if error := self.raises(received):
            raise error


class Bench:
    """An applier with its store, handler and clock."""

    def __init__(self, url: str) -> None:
        self.hand = HandClock()
        self.store: Store = bus_store(url, "stats", self.hand)
        self.handler = Fault()
        table: dict[str, Handler] = {"dossier.received": self.handler, "dossier.returned": self.handler}
        self.applier = Applier(self.store, table, QUICK)

    def effects(self) -> list[tuple[str, int]]:
        """Keys and sequences in the order in which they took effect."""
        with self.store.read() as connection:
            rows = connection.execute(select(effects).order_by(effects.c.place)).all()
        assert all(row.times == 1 for row in rows)
        return [(row.key, row.sequence) for row in rows]

    def counts(self) -> tuple[int, int]:
        """Waiting and parked events."""
        with self.store.read() as connection:
            found = retry_queue.counts(connection)
        return found[retry_queue.WAITING], found[retry_queue.PARKED]

    def parked(self) -> list[retry_queue.RetryEntry]:
        with self.store.read() as connection:
            return retry_queue.parked(connection)

    def replay(self) -> None:
        with self.store.uow() as unit:
            retry_queue.replay(
                unit.connection, [row.id for row in retry_queue.parked(unit.connection)], unit.clock.wall()
            )


@pytest.fixture
def bench(bus_store_url: str) -> Iterator[Bench]:
    with _bench(bus_store_url) as made:
        yield made


@contextmanager
def _bench(url: str) -> Iterator[Bench]:
    made = Bench(url)
    yield made
    made.store.close()


def received(key: str, sequence: int) -> Event:
    return event("dossier.received", sequence, dossier=key)


def returned(key: str, sequence: int) -> Event:
    """From the same source as `received`."""
    return event("dossier.returned", sequence, dossier=key)


def test_a_duplicate_has_no_second_effect(bench: Bench) -> None:
    outcome = bench.applier.apply(deliveries(received("A", 1), received("A", 1)))
    again = bench.applier.apply(deliveries(received("A", 1)))
    assert (outcome.applied, outcome.duplicates, again.duplicates) == (1, 1, 1)
    assert bench.effects() == [("A", 1)]


def test_events_of_one_key_in_one_batch_are_put_in_order(bench: Bench) -> None:
    bench.applier.apply(deliveries(received("A", 3), received("B", 1), received("A", 1), received("A", 2)))
    assert [sequence for key, sequence in bench.effects() if key == "A"] == [1, 2, 3]


def test_a_failing_event_is_held_with_its_reason_and_later_ones_of_its_key_wait(bench: Bench) -> None:
    bench.handler.raises = lambda e: ValueError("the moon is full") if (e.key, e.sequence) == ("A", 1) else None
    bench.applier.apply(deliveries(received("A", 1), received("A", 2), received("B", 1)))
    assert bench.effects() == [("B", 1)]
    assert bench.counts() == (2, 0)
    with bench.store.read() as connection:
        first = retry_queue.entries_for(connection, ["A"])["A"][0]
    assert first.reason == "ValueError: the moon is full"
    bench.handler.raises = lambda _: None
    assert bench.applier.retry_due() == 0, "its time has not come"
    bench.hand.pass_(1.0)
    assert bench.applier.retry_due() == 2
    assert [entry for entry in bench.effects() if entry[0] == "A"] == [("A", 1), ("A", 2)]
    assert bench.counts() == (0, 0)


def test_an_event_that_arrives_later_waits_behind_a_held_one(bench: Bench) -> None:
    bench.handler.raises = lambda e: ValueError("no") if e.sequence == 1 else None
    bench.applier.apply(deliveries(received("A", 1)))
    bench.handler.raises = lambda _: None
    bench.applier.apply(deliveries(received("A", 2)))
    assert bench.effects() == []
    bench.hand.pass_(1.0)
    bench.applier.retry_due()
    assert bench.effects() == [("A", 1), ("A", 2)]


def test_after_the_last_attempt_it_is_parked_and_can_be_replayed(bench: Bench) -> None:
    bench.handler.raises = lambda e: ValueError("bug") if e.sequence == 1 else None
    bench.applier.apply(deliveries(received("A", 1), received("A", 2)))
    for _ in range(QUICK.retries):
        bench.hand.pass_(QUICK.longest)
        bench.applier.retry_due()
    assert bench.counts() == (1, 1), "the later event of the same dossier still waits"
    assert bench.parked()[0].kind == retry_queue.RETRY
    bench.handler.raises = lambda _: None
    bench.replay()
    assert bench.applier.retry_due() == 2
    assert bench.effects() == [("A", 1), ("A", 2)]


def test_a_discarded_event_lets_the_others_go_on(bench: Bench) -> None:
    bench.handler.raises = lambda e: Permanent("never") if e.sequence == 1 else None
    bench.applier.apply(deliveries(received("A", 1), received("A", 2)))
    with bench.store.uow() as unit:
        assert retry_queue.discard(unit.connection, [row.id for row in retry_queue.parked(unit.connection)]) == 1
    bench.hand.pass_(60)
    bench.applier.retry_due()
    assert bench.effects() == [("A", 2)]


def test_what_has_not_what_it_builds_on_waits_for_another_source(bench: Bench) -> None:
    known: set[str] = set()

    def needs_received(e: Event) -> Exception | None:
        if e.name == "dossier.received":
            known.add(e.key)
        return None if e.key in known else NotYet("not received yet")

    bench.handler.raises = needs_received
    early = replace(returned("A", 1), source="/motcua/elsewhere")
    bench.applier.apply(deliveries(early))
    assert bench.counts() == (1, 0)
    bench.applier.apply(deliveries(received("A", 1)))
    assert bench.applier.retry_due() == 1, "woken at once, not after its pause"
    assert [sequence for _, sequence in bench.effects()] == [1, 1]
    assert bench.counts() == (0, 0)


def test_reordered_events_of_one_source_find_their_order(bench: Bench) -> None:
    first_done = False

    def in_order(e: Event) -> Exception | None:
        nonlocal first_done
        first_done = first_done or e.sequence == 1
        return None if first_done else NotYet("2 before 1")

    bench.handler.raises = in_order
    bench.applier.apply(deliveries(received("A", 2)))
    bench.applier.apply(deliveries(received("A", 3)))
    bench.applier.apply(deliveries(received("A", 1)))
    bench.applier.retry_due()
    assert bench.effects() == [("A", 1), ("A", 2), ("A", 3)]


def test_poison_is_parked_and_stops_nobody(bench: Bench) -> None:
    broken = received("B", 1)
    broken = replace(broken, id="broken", data={**broken.data, "received_at": "yesterday"})
    unknown = replace(received("C", 1), id="unknown", type="vn.motcua.dossier.received.v9")
    outcome = bench.applier.apply(deliveries(b"\xff{not json\x00", broken, unknown, received("A", 1)))
    assert bench.effects() == [("A", 1)]
    assert (outcome.applied, outcome.parked) == (1, 3)
    assert {row.kind for row in bench.parked()} == {retry_queue.UNDECODABLE, retry_queue.PERMANENT}
    again = bench.applier.apply(deliveries(b"\xff{not json\x00", broken, unknown))
    assert len(bench.parked()) == 3, "parked once, however often it comes"
    assert again.duplicates == 2


def test_a_newer_schema_with_more_fields_is_understood(bench: Bench) -> None:
    newer = received("A", 1)
    newer = replace(newer, data={**newer.data, "invented_later": {"x": 1}})
    assert bench.applier.apply(deliveries(newer)).applied == 1


def test_an_event_that_the_service_no_longer_listens_to_is_let_go(bench: Bench) -> None:
    bench.applier.apply(deliveries(event("fee.paid", dossier="A"), received("A", 1)))
    assert bench.effects() == [("A", 1)]
    assert bench.counts() == (0, 0)


def test_a_deadly_event_is_found_out_and_the_innocent_beside_it_are_applied(bench: Bench) -> None:
    class Died(BaseException):
        """Stands for SIGKILL: nothing of the transaction stays."""

    def deadly(received_event: Event, work: UnitOfWork) -> None:
        if received_event.key == "X":
            raise Died
        bench.handler(received_event, work)

    applier = Applier(bench.store, {"dossier.received": deadly}, QUICK)
    for attempt in range(MAX_CRASHES + 2):
        with pytest.raises(Died):
            applier.apply(deliveries(received("A", 1), received("X", 1), received("B", 1), attempts=attempt))
    outcome = applier.apply(deliveries(received("A", 1), received("X", 1), received("B", 1), attempts=MAX_CRASHES + 2))
    assert outcome.parked == 1
    assert {key for key, _ in bench.effects()} == {"A", "B"}
    assert bench.parked()[0].kind == retry_queue.CRASH


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_shuffle_with_repeats_and_passing_faults_ends_with_each_effect_once(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    with _bench(f"sqlite:///{tmp_path_factory.mktemp('apply')}/store.db") as bench:
        wanted = [received(key, sequence) for key in "AB" for sequence in (1, 2, 3)]
        arrivals = data.draw(st.permutations(wanted + data.draw(st.lists(st.sampled_from(wanted), max_size=4))))
        applied: dict[str, int] = {}
        bad_luck = data.draw(st.sets(st.integers(1, 12), max_size=4))

        def fault(e: Event) -> Exception | None:
            if bench.handler.calls in bad_luck:
                return RuntimeError("passing fault")
            if e.sequence > applied.get(e.key, 0) + 1:
                return NotYet("a predecessor is missing")
            applied[e.key] = max(applied.get(e.key, 0), e.sequence)
            return None

        # the fault's memory must follow the transactions: it is rebuilt from the effects before each call
        def handler(e: Event, work: UnitOfWork) -> None:
            rows = work.execute(select(effects.c.key, effects.c.sequence))
            applied.clear()
            for row in rows:
                applied[row.key] = max(applied.get(row.key, 0), row.sequence)
            bench.handler(e, work)

        bench.handler.raises = fault
        applier = Applier(bench.store, {"dossier.received": handler}, RetryPolicy(1.0, 60.0, 50, 50))
        size = data.draw(st.integers(1, 5))
        for start in range(0, len(arrivals), size):
            applier.apply(deliveries(*arrivals[start : start + size]))
        for _ in range(12):
            bench.hand.pass_(120)
            applier.retry_due()
        by_key: dict[str, list[int]] = {"A": [], "B": []}
        for key, sequence in bench.effects():
            by_key[key].append(sequence)
        assert by_key == {"A": [1, 2, 3], "B": [1, 2, 3]}
        assert bench.counts() == (0, 0)


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 5)), max_size=12))
def test_in_sequence_moves_nothing_between_keys(pairs: list[tuple[str, int]]) -> None:
    events = [received(key, sequence) for key, sequence in pairs]
    ordered = in_sequence(events)
    assert [e.key for e in ordered] == [e.key for e in events]
    for key in "AB":
        numbers = [e.sequence for e in ordered if e.key == key]
        assert numbers == sorted(numbers)
