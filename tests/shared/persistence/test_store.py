"""The store: what both databases must do alike."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError, StatementError

from shared.messaging.tables import outbox_sequences, poison_messages
from shared.persistence.engine import is_lost, wants_rerun
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from tests.support.postgres import PostgresServer
from tests.support.prepared import Maker
from tests.support.stores import bus_store, bus_tables

MOMENT = datetime(2025, 11, 3, 8, 0, 0, 123456, tzinfo=VIETNAM)


def test_a_moment_is_read_as_the_same_moment_in_vietnams_zone(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    with store.uow() as unit:
        unit.execute(poison_messages.insert().values(event_id="x", attempts=1, seen_at=MOMENT.astimezone(UTC)))
    with store.read() as connection:
        found = connection.execute(select(poison_messages.c.seen_at)).scalar_one()
    assert found == MOMENT
    assert found.utcoffset() == MOMENT.utcoffset()


def test_a_naive_time_is_refused(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    naive = poison_messages.insert().values(event_id="x", attempts=1, seen_at=datetime(2025, 11, 3))
    with pytest.raises(StatementError, match="no time zone"):
        store.run(lambda unit: unit.execute(naive))


def test_concurrent_writers_lose_no_update(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    with store.uow() as unit:
        unit.execute(outbox_sequences.insert().values(key="A", last=0))

    def count(unit: UnitOfWork) -> None:
        row = unit.execute(
            select(outbox_sequences.c.last).where(outbox_sequences.c.key == "A").with_for_update()
        ).scalar_one()
        unit.execute(update(outbox_sequences).where(outbox_sequences.c.key == "A").values(last=row + 1))

    threads = [threading.Thread(target=lambda: [store.run(count) for _ in range(25)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        assert connection.execute(select(outbox_sequences.c.last)).scalar_one() == 100


def test_a_deadlock_is_run_again(ready_database: Callable[[Maker], str]) -> None:
    store = bus_store(ready_database(bus_tables), "intake")
    with store.uow() as unit:
        unit.execute(outbox_sequences.insert(), [{"key": key, "last": 0} for key in "AB"])
    meet = threading.Barrier(2, timeout=20)

    def crosswise(first: str, second: str) -> None:
        waited = False

        def work(unit: UnitOfWork) -> None:
            nonlocal waited
            unit.execute(
                update(outbox_sequences).where(outbox_sequences.c.key == first).values(last=outbox_sequences.c.last + 1)
            )
            if not waited:
                waited = True
                meet.wait()
            unit.execute(
                update(outbox_sequences)
                .where(outbox_sequences.c.key == second)
                .values(last=outbox_sequences.c.last + 1)
            )

        store.run(work)

    threads = [threading.Thread(target=crosswise, args=pair) for pair in (("A", "B"), ("B", "A"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        assert set(connection.execute(select(outbox_sequences.c.last)).scalars()) == {2}


def test_a_lost_database_is_told_from_a_refused_statement() -> None:
    with PostgresServer() as server:
        store = bus_store(server.create_database(), "intake")

        def dies(unit: UnitOfWork) -> None:
            unit.execute(select(outbox_sequences))
            server.kill9()
            unit.execute(select(outbox_sequences))

        with pytest.raises(OperationalError) as caught:
            store.run(dies)
        assert is_lost(caught.value)
        assert not wants_rerun(caught.value)
        with pytest.raises(OperationalError) as refused, store.read():
            raise AssertionError("nothing listens")
        assert is_lost(refused.value)
        server.start()
        with store.read() as connection:
            assert connection.execute(select(outbox_sequences)).all() == []
        store.close()


def test_a_snapshot_cannot_write_but_a_check_of_everything_makes_temporary_tables(postgres: PostgresServer) -> None:
    store = bus_store(postgres.create_database(), "stats")
    with pytest.raises(sqlalchemy.exc.DBAPIError, match="read-only"), store.snapshot() as connection:
        connection.execute(sqlalchemy.text("DELETE FROM inbox"))
    with store.snapshot(long=True) as connection:
        connection.execute(sqlalchemy.text("CREATE TEMPORARY TABLE counted (number integer)"))
    store.close()
