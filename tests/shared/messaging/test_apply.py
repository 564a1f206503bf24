"""Applying events: each once and in order, and none is lost, whatever handlers or messages do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy.exc
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from shared.messaging import parked_events, retry_policy, retry_queue
from shared.messaging.apply import MAX_CRASHES, Applier, Handler
from shared.messaging.errors import NotYet, Permanent
from shared.messaging.event import Event, in_sequence
from shared.messaging.retry_policy import RetryPolicy
from shared.messaging.worker import next_size
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from tests.support.events import deliveries, event
from tests.support.stores import HandClock, bus_store, effects

QUICK = RetryPolicy(first=1.0, longest=60.0, retries=3, waits=5)


class ControlledHandler:
    """A handler that writes an effect and raises what the test wants."""

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


class Harness:
    """An applier with its store, handler and clock."""

    def __init__(self, url: str) -> None:
        self.hand = HandClock()
        self.store: Store = bus_store(url, "stats", self.hand)
        self.handler = ControlledHandler()
        table: dict[str, Handler] = {"dossier.received": self.handler, "dossier.returned": self.handler}
        self.applier = Applier(self.store, table, QUICK)

    def effects(self) -> list[tuple[str, int]]:
        """Keys and sequences in the order in which they were applied."""
        with self.store.read() as connection:
            rows = connection.execute(select(effects).order_by(effects.c.place)).all()
        assert all(row.times == 1 for row in rows)
        return [(row.key, row.sequence) for row in rows]

    def counts(self) -> tuple[int, int]:
        """Waiting and parked events."""
        with self.store.read() as connection:
            found = retry_queue.counts(connection)
        return found[retry_policy.WAITING], found[retry_policy.PARKED]

    def parked(self) -> list[retry_queue.RetryEntry]:
        with self.store.read() as connection:
            return parked_events.oldest(connection)

    def replay(self) -> None:
        with self.store.uow() as unit:
            parked_events.replay(
                unit.connection, [row.id for row in parked_events.oldest(unit.connection)], unit.clock.wall()
            )


@pytest.fixture
def harness(bus_store_url: str) -> Iterator[Harness]:
    with _harness(bus_store_url) as made:
        yield made


@contextmanager
def _harness(url: str) -> Iterator[Harness]:
    made = Harness(url)
    yield made
    made.store.close()


def received(key: str, sequence: int) -> Event:
    return event("dossier.received", sequence, dossier=key)


def returned(key: str, sequence: int) -> Event:
    """From the same source as `received`."""
    return event("dossier.returned", sequence, dossier=key)


def test_a_duplicate_has_no_second_effect(harness: Harness) -> None:
    outcome = harness.applier.apply(deliveries(received("A", 1), received("A", 1)))
    again = harness.applier.apply(deliveries(received("A", 1)))
    assert (outcome.applied, outcome.duplicates, again.duplicates) == (1, 1, 1)
    assert harness.effects() == [("A", 1)]


def test_events_of_one_key_in_one_batch_are_sorted(harness: Harness) -> None:
    harness.applier.apply(deliveries(received("A", 3), received("B", 1), received("A", 1), received("A", 2)))
    assert [sequence for key, sequence in harness.effects() if key == "A"] == [1, 2, 3]


def test_a_failing_event_is_queued_with_its_reason_and_blocks_later_ones_of_its_key(harness: Harness) -> None:
    harness.handler.raises = lambda e: ValueError("the moon is full") if (e.key, e.sequence) == ("A", 1) else None
    harness.applier.apply(deliveries(received("A", 1), received("A", 2), received("B", 1)))
    assert harness.effects() == [("B", 1)]
    assert harness.counts() == (2, 0)
    with harness.store.read() as connection:
        first = retry_queue.entries_for(connection, ["A"])["A"][0]
    assert first.reason == "ValueError: the moon is full"
    harness.handler.raises = lambda _: None
    assert harness.applier.retry_due() == 0, "it is not due yet"
    harness.hand.pass_(1.0)
    assert harness.applier.retry_due() == 2
    assert [entry for entry in harness.effects() if entry[0] == "A"] == [("A", 1), ("A", 2)]
    assert harness.counts() == (0, 0)


def test_a_database_without_room_is_no_events_fault(harness: Harness) -> None:
    for busy in (
        sqlalchemy.exc.TimeoutError("QueuePool limit reached"),
        sqlalchemy.exc.OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
    ):
        harness.handler.raises = lambda _, busy=busy: busy  # type: ignore[misc]
        with pytest.raises(type(busy)):
            harness.applier.apply(deliveries(received("A", 1)))
        assert (harness.effects(), harness.counts()) == ([], (0, 0)), "the bus delivers it again"
    harness.handler.raises = lambda _: None
    assert harness.applier.apply(deliveries(received("A", 1))).applied == 1


def test_an_event_that_arrives_later_waits_for_a_queued_one(harness: Harness) -> None:
    harness.handler.raises = lambda e: ValueError("no") if e.sequence == 1 else None
    harness.applier.apply(deliveries(received("A", 1)))
    harness.handler.raises = lambda _: None
    harness.applier.apply(deliveries(received("A", 2)))
    assert harness.effects() == []
    harness.hand.pass_(1.0)
    harness.applier.retry_due()
    assert harness.effects() == [("A", 1), ("A", 2)]


def test_after_the_last_attempt_it_is_parked_and_can_be_replayed(harness: Harness) -> None:
    harness.handler.raises = lambda e: ValueError("bug") if e.sequence == 1 else None
    harness.applier.apply(deliveries(received("A", 1), received("A", 2)))
    for _ in range(QUICK.retries):
        harness.hand.pass_(QUICK.longest)
        harness.applier.retry_due()
    assert harness.counts() == (1, 1), "the later event of the same dossier still waits"
    assert harness.parked()[0].kind == retry_policy.RETRY
    harness.handler.raises = lambda _: None
    harness.replay()
    assert harness.applier.retry_due() == 2
    assert harness.effects() == [("A", 1), ("A", 2)]


def test_a_discarded_event_unblocks_the_others(harness: Harness) -> None:
    harness.handler.raises = lambda e: Permanent("never") if e.sequence == 1 else None
    harness.applier.apply(deliveries(received("A", 1), received("A", 2)))
    with harness.store.uow() as unit:
        assert parked_events.discard(unit.connection, [row.id for row in parked_events.oldest(unit.connection)]) == 1
    harness.hand.pass_(60)
    harness.applier.retry_due()
    assert harness.effects() == [("A", 2)]


def test_an_event_waits_for_one_of_another_source(harness: Harness) -> None:
    known: set[str] = set()

    def needs_received(e: Event) -> Exception | None:
        if e.name == "dossier.received":
            known.add(e.key)
        return None if e.key in known else NotYet("not received yet")

    harness.handler.raises = needs_received
    early = replace(returned("A", 1), source="/motcua/elsewhere")
    harness.applier.apply(deliveries(early))
    assert harness.counts() == (1, 0)
    harness.applier.apply(deliveries(received("A", 1)))
    assert harness.applier.retry_due() == 1, "due at once, not after its pause"
    assert [sequence for _, sequence in harness.effects()] == [1, 1]
    assert harness.counts() == (0, 0)


def test_reordered_events_of_one_source_are_applied_in_order(harness: Harness) -> None:
    first_done = False

    def in_order(e: Event) -> Exception | None:
        nonlocal first_done
        first_done = first_done or e.sequence == 1
        return None if first_done else NotYet("2 before 1")

    harness.handler.raises = in_order
    harness.applier.apply(deliveries(received("A", 2)))
    harness.applier.apply(deliveries(received("A", 3)))
    harness.applier.apply(deliveries(received("A", 1)))
    harness.applier.retry_due()
    assert harness.effects() == [("A", 1), ("A", 2), ("A", 3)]


def test_invalid_messages_are_parked_and_block_nothing(harness: Harness) -> None:
    broken = received("B", 1)
    broken = replace(broken, id="broken", data={**broken.data, "received_at": "yesterday"})
    unknown = replace(received("C", 1), id="unknown", type="vn.motcua.dossier.received.v9")
    outcome = harness.applier.apply(deliveries(b"\xff{not json\x00", broken, unknown, received("A", 1)))
    assert harness.effects() == [("A", 1)]
    assert (outcome.applied, outcome.parked) == (1, 3)
    assert {row.kind for row in harness.parked()} == {retry_policy.UNDECODABLE, retry_policy.PERMANENT}
    again = harness.applier.apply(deliveries(b"\xff{not json\x00", broken, unknown))
    assert len(harness.parked()) == 3, "parked once, however often it is delivered"
    assert again.duplicates == 2


def test_unknown_fields_of_a_newer_schema_are_ignored(harness: Harness) -> None:
    newer = received("A", 1)
    newer = replace(newer, data={**newer.data, "invented_later": {"x": 1}})
    assert harness.applier.apply(deliveries(newer)).applied == 1


def test_an_event_without_a_handler_is_dropped(harness: Harness) -> None:
    harness.applier.apply(deliveries(event("fee.paid", dossier="A"), received("A", 1)))
    assert harness.effects() == [("A", 1)]
    assert harness.counts() == (0, 0)


def test_an_event_that_kills_workers_is_parked_and_the_others_are_applied(harness: Harness) -> None:
    class Died(BaseException):
        """Stands for SIGKILL: the transaction is lost."""

    def deadly(received_event: Event, work: UnitOfWork) -> None:
        if received_event.key == "X":
            raise Died
        harness.handler(received_event, work)

    applier = Applier(harness.store, {"dossier.received": deadly}, QUICK)
    for attempt in range(MAX_CRASHES + 2):
        with pytest.raises(Died):
            applier.apply(deliveries(received("A", 1), received("X", 1), received("B", 1), attempts=attempt))
    outcome = applier.apply(deliveries(received("A", 1), received("X", 1), received("B", 1), attempts=MAX_CRASHES + 2))
    assert outcome.parked == 1
    assert {key for key, _ in harness.effects()} == {"A", "B"}
    assert harness.parked()[0].kind == retry_policy.CRASH


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_order_with_repeats_and_temporary_faults_ends_with_each_effect_once(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    with _harness(f"sqlite:///{tmp_path_factory.mktemp('apply')}/store.db") as harness:
        wanted = [received(key, sequence) for key in "AB" for sequence in (1, 2, 3)]
        arrivals = data.draw(st.permutations(wanted + data.draw(st.lists(st.sampled_from(wanted), max_size=4))))
        applied: dict[str, int] = {}
        failing_calls = data.draw(st.sets(st.integers(1, 12), max_size=4))

        def fault(e: Event) -> Exception | None:
            if harness.handler.calls in failing_calls:
                return RuntimeError("temporary fault")
            if e.sequence > applied.get(e.key, 0) + 1:
                return NotYet("a predecessor is missing")
            applied[e.key] = max(applied.get(e.key, 0), e.sequence)
            return None

        # rebuilt from the effects before each call, because a rollback must undo it too
        def handler(e: Event, work: UnitOfWork) -> None:
            rows = work.execute(select(effects.c.key, effects.c.sequence))
            applied.clear()
            for row in rows:
                applied[row.key] = max(applied.get(row.key, 0), row.sequence)
            harness.handler(e, work)

        harness.handler.raises = fault
        applier = Applier(harness.store, {"dossier.received": handler}, RetryPolicy(1.0, 60.0, 50, 50))
        size = data.draw(st.integers(1, 5))
        for start in range(0, len(arrivals), size):
            applier.apply(deliveries(*arrivals[start : start + size]))
        for _ in range(12):
            harness.hand.pass_(120)
            applier.retry_due()
        by_key: dict[str, list[int]] = {"A": [], "B": []}
        for key, sequence in harness.effects():
            by_key[key].append(sequence)
        assert by_key == {"A": [1, 2, 3], "B": [1, 2, 3]}
        assert harness.counts() == (0, 0)


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 5)), max_size=12))
def test_in_sequence_keeps_the_positions_of_each_key(pairs: list[tuple[str, int]]) -> None:
    events = [received(key, sequence) for key, sequence in pairs]
    ordered = in_sequence(events)
    assert [e.key for e in ordered] == [e.key for e in events]
    for key in "AB":
        numbers = [e.sequence for e in ordered if e.key == key]
        assert numbers == sorted(numbers)


def test_each_event_of_a_batch_that_is_handled_is_a_sign_of_progress(harness: Harness) -> None:
    told: list[int] = []
    applier = Applier(harness.store, {"dossier.received": lambda *_: None}, progress=lambda: told.append(1))
    assert applier.apply(deliveries(*(received(f"D{number}", 1) for number in (1, 2, 3)))).applied == 3
    assert len(told) == 3


@pytest.mark.parametrize(
    ("number", "seconds", "following"),
    [(200, 0.4, 200), (3, 5.0, 200), (200, 10.0, 100), (200, 200.0, 20), (20, 400.0, 20), (1, 6.0, 20)],
)
def test_after_a_batch_that_took_long_the_next_is_smaller(number: int, seconds: float, following: int) -> None:
    assert next_size(number, seconds) == following
