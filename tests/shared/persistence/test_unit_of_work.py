"""Savepoints, callbacks after the commit, and reference data of a unit of work."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from shared.contracts import REGISTRY
from shared.messaging.outbox import pending
from shared.messaging.tables import poison_messages
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from tests.support.stores import bus_store

MOMENT = datetime(2025, 11, 3, 8, 0, tzinfo=VIETNAM)
INSERT = poison_messages.insert()


def row(event_id: str) -> dict[str, object]:
    return {"event_id": event_id, "attempts": 1, "seen_at": MOMENT}


def written(store: Store) -> list[str]:
    with store.read() as connection:
        rows = connection.execute(select(poison_messages.c.event_id).order_by(poison_messages.c.event_id))
        return list(rows.scalars())


def test_a_unit_of_work_without_reference_data_says_so(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/x.db", "stats")
    with store.uow() as unit, pytest.raises(LookupError, match="stats"):
        _ = unit.reference


def test_a_failed_savepoint_undoes_its_writes_and_events(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    entry = REGISTRY.by_name["dossier.received"]
    data = entry.schema.load(entry.example)

    def work(unit: UnitOfWork) -> None:
        for number in range(4):
            try:
                with unit.savepoint():
                    unit.emit("dossier.received", {**data, "dossier": f"D{number}"})
                    unit.defer(INSERT, row(f"E{number}"))
                    if number % 2:
                        raise LookupError
            except LookupError:
                continue

    store.run(work)
    with store.read() as connection:
        keys = [waiting.key for waiting in pending(connection, 10)]
    assert written(store) == ["E0", "E2"]
    assert keys == ["D0", "D2"]


def test_callbacks_run_once_each_in_order_after_the_commit(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    calls: list[tuple[str, list[str]]] = []
    with store.uow() as unit:
        unit.after_commit(lambda: calls.append(("first", written(store))))
        unit.defer(INSERT, row("E1"))
        unit.after_commit(lambda: calls.append(("second", written(store))))
        assert calls == []
    assert calls == [("first", ["E1"]), ("second", ["E1"])], "another connection sees the row: it is committed"


def test_no_callback_runs_after_a_rollback(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    calls: list[str] = []

    def raises(unit: UnitOfWork) -> None:
        unit.after_commit(lambda: calls.append("raises"))
        raise LookupError

    def fails_at_the_end(unit: UnitOfWork) -> None:
        unit.after_commit(lambda: calls.append("fails"))
        unit.defer(INSERT, row("taken"))

    with store.uow() as unit:
        unit.execute(INSERT, row("taken"))
    with pytest.raises(LookupError):
        store.run(raises)
    with pytest.raises(IntegrityError):
        store.run(fails_at_the_end)
    assert calls == []


def test_a_failed_savepoint_takes_its_callbacks_back(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    calls: list[str] = []

    def part(unit: UnitOfWork, name: str, fails: bool) -> None:
        with unit.savepoint():
            unit.after_commit(lambda: calls.append(name))
            if fails:
                raise LookupError

    with store.uow() as unit:
        unit.after_commit(lambda: calls.append("before"))
        part(unit, "good", fails=False)
        with pytest.raises(LookupError):
            part(unit, "bad", fails=True)
        unit.after_commit(lambda: calls.append("after"))
    assert calls == ["before", "good", "after"]


class Busy(Exception):
    """The driver's error for a serialization failure."""

    sqlstate = "40001"


def test_of_a_transaction_that_is_run_again_only_the_last_attempts_callbacks_run(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    calls: list[int] = []
    attempts = 0

    def work(unit: UnitOfWork) -> int:
        nonlocal attempts
        attempts += 1
        attempt = attempts
        unit.after_commit(lambda: calls.append(attempt))
        unit.defer(INSERT, row(f"E{attempt}"))
        if attempt < 3:
            raise OperationalError("SELECT 1", None, Busy())
        return attempt

    assert store.run(work) == 3
    assert calls == [3]
    assert written(store) == ["E3"]
