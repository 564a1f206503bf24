"""The outbox: events are written with their transaction or not at all, with sequence numbers in commit order."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from shared.contracts import REGISTRY, ContractViolation
from shared.messaging import outbox, published
from shared.messaging.event import Event, with_sequence
from shared.messaging.tables import outbox as table
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from tests.support.stores import bus_store


def _received(key: str) -> dict[str, object]:
    entry = REGISTRY.by_name["dossier.received"]
    return {**entry.schema.load(entry.example), "dossier": key}


def _events(store: Store) -> list[Event]:
    with store.read() as connection:
        return [Event.from_json(row.body) for row in outbox.pending(connection, 10_000)]


def test_events_are_written_with_the_transaction_or_not_at_all(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    with store.uow() as unit:
        unit.emit("dossier.received", _received("A"))

    def fails(unit: UnitOfWork) -> None:
        unit.emit("dossier.received", _received("B"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.run(fails)
    assert [event.key for event in _events(store)] == ["A"]


def test_an_event_that_breaks_its_contract_is_not_written(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    data = _received("A")
    del data["promised_at"]
    with pytest.raises(ContractViolation, match="promised_at"):
        store.run(lambda unit: unit.emit("dossier.received", data))
    assert _events(store) == []


def test_sequence_numbers_are_in_commit_order_under_concurrency(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")

    def many() -> None:
        for _ in range(15):
            store.run(lambda unit: [unit.emit("dossier.received", _received(key)) for key in ("A", "B", "A")])

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = _events(store)
    for key, count in (("A", 120), ("B", 60)):
        assert [event.sequence for event in events if event.key == key] == list(range(1, count + 1))


def test_events_keep_their_order_however_many_they_are(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    groups = [*("A" * count for count in range(1, outbox.FEW_EVENTS + 3)), "AB", "BAAB"]
    emitted = []
    for keys in groups:
        with store.uow() as unit:
            emitted += [unit.emit("dossier.received", _received(key)) for key in keys]
    events = _events(store)
    assert [(event.id, event.key, event.data) for event in events] == [(one.id, one.key, one.data) for one in emitted]
    for key in "AB":
        count = "".join(groups).count(key)
        assert [event.sequence for event in events if event.key == key] == list(range(1, count + 1))


def test_only_confirmed_rows_leave_the_outbox_and_events_are_kept_as_they_were_published(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    with store.uow() as unit:
        for key in "ABA":
            unit.emit("dossier.received", _received(key))
    direct = {"event_id": "1", "type": "t", "key": "k", "sequence": 0, "body": "{}"}
    with store.uow() as unit:
        outbox.write_direct(unit.connection, "routing", [direct], store.clock.wall())
    with store.uow() as unit:
        rows = outbox.pending(unit.connection, 10)
        rows = [*rows[:3], rows[3]._replace(route=("", "motcua.routing"))]
        at = store.clock.wall()
        for _ in range(2):  # the second time by a relay that has lost its lease meanwhile
            published.keep_confirmed(unit.connection, rows, [rows[0].id, rows[2].id, rows[3].id], at)
        published.keep_confirmed(unit.connection, rows, [], at)
    with store.read() as connection:
        assert [event.key for event in _events(store)] == ["B"]
        kept = list(published.since(connection, at, [rows[0].type]))
        assert [(event.position, event.key, event.sequence) for event in kept] == [
            (rows[0].id, "A", 1),
            (rows[2].id, "A", 2),
        ]
        again = published.rows_to_send(connection, [event.position for event in kept])
    assert [with_sequence(str(row["body"]), int(str(row["sequence"]))) for row in again] == [rows[0].body, rows[2].body]
    with store.read() as connection:
        count, oldest = outbox.backlog(connection)
        assert count == 1
        assert oldest == connection.execute(select(table.c.created_at)).scalar_one()


def test_the_topic_of_an_addressed_event_is_its_addressee_and_of_others_their_type(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "routing")
    assigned = REGISTRY.by_name["agency.step.assigned"]
    with store.uow() as unit:
        for agency in ("H12", "H12.14"):
            unit.emit(assigned.name, {**assigned.schema.load(assigned.example), "agency": agency, "dossier": "A"})
        unit.emit("dossier.received", _received("A"))
    with store.read() as connection:
        rows = outbox.pending(connection, 10)
    assert [row.topic for row in rows] == ["agency.H12", "agency.H12.14", "dossier.received.v1"]
    events = [Event.from_json(row.body) for row in rows]
    assert [event.sequence for event in events] == [1, 2, 3]
    assert {event.type for event in events} == {assigned.type, "vn.motcua.dossier.received.v1"}
    assert events[0].data["agency"] == "H12"
    assert "topic" not in rows[0].body
