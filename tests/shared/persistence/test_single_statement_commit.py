"""Deferred numbers: without gaps, and in every text that has their placeholder, on both databases."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from shared.contracts import REGISTRY
from shared.messaging.event import Event
from shared.messaging.outbox import pending
from shared.messaging.tables import idempotency_keys, outbox_sequences, poison_messages
from shared.persistence.single_statement_commit import execute_as_transaction
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from tests.support.prepared import Maker
from tests.support.stores import bus_store, bus_tables

MOMENT = datetime(2025, 11, 3, 8, 0, tzinfo=VIETNAM)
AWKWARD = "50% của \"Bưởi\" \\ 'x' %(placeholder)s {0} $1 \n"
"""Characters that mean something to a driver, to JSON or to a format."""

_ADD = poison_messages.insert()
_KEEP = idempotency_keys.insert()
_ADD_ONCE = {
    "postgresql": postgresql.insert(poison_messages).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(poison_messages).on_conflict_do_nothing(),
}


def _counter(insert: Any) -> Any:
    first = insert(outbox_sequences).values(key=bindparam("key"), last=bindparam("one"))
    return first.on_conflict_do_update(
        index_elements=[outbox_sequences.c.key], set_={"last": outbox_sequences.c.last + first.excluded.last}
    ).returning(outbox_sequences.c.last)


_COUNTERS = {"postgresql": _counter(postgresql.insert), "sqlite": _counter(sqlite.insert)}


def defer_number(work: UnitOfWork, of: str = "counter", digits: int = 4) -> str:
    return work.defer_number(_COUNTERS[work.connection.dialect.name], {"key": of, "one": 1}, digits)


def add(work: UnitOfWork, event_id: str) -> None:
    work.defer(_ADD, {"event_id": event_id, "attempts": 1, "seen_at": MOMENT})


def keep(work: UnitOfWork, key: str, body: str) -> None:
    row = {
        "scope": "s",
        "key": key,
        "fingerprint": "f",
        "caller": "c",
        "status": 201,
        "body": body,
        "created_at": MOMENT,
    }
    work.defer(_KEEP, row)


def emit(work: UnitOfWork, dossier: str, name: str = "Bưởi") -> None:
    entry = REGISTRY.by_name["dossier.received"]
    work.emit("dossier.received", {**entry.schema.load(entry.example), "dossier": dossier, "procedure_name": name})


def written(store: Store) -> list[str]:
    with store.read() as connection:
        return list(
            connection.execute(select(poison_messages.c.event_id).order_by(poison_messages.c.event_id)).scalars()
        )


def emitted(store: Store) -> list[Event]:
    with store.read() as connection:
        return [Event.from_json(row.body) for row in pending(connection, 100)]


def last(store: Store, of: str = "counter") -> int | None:
    with store.read() as connection:
        return connection.execute(
            select(outbox_sequences.c.last).where(outbox_sequences.c.key == of)
        ).scalar_one_or_none()


def test_the_number_is_in_rows_in_events_and_in_the_answer(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")

    def file(work: UnitOfWork) -> tuple[UnitOfWork, str]:
        code = f"H12-{defer_number(work)}-x"
        add(work, code)
        keep(work, code, f"{code} and {code} {AWKWARD}")
        emit(work, code, AWKWARD)
        emit(work, code)
        return work, f"answer {code}"

    for expected in ("0001", "0002"):
        work, answer = store.run(file)
        assert work.resolve_placeholder(answer) == f"answer H12-{expected}-x"
    assert written(store) == ["H12-0001-x", "H12-0002-x"]
    with store.read() as connection:
        kept = connection.execute(
            select(idempotency_keys.c.key, idempotency_keys.c.body).order_by(idempotency_keys.c.key)
        ).all()
    assert [tuple(row) for row in kept] == [
        (f"H12-{number}-x", f"H12-{number}-x and H12-{number}-x {AWKWARD}") for number in ("0001", "0002")
    ]
    events = emitted(store)
    assert [(event.key, event.sequence, event.data["dossier"]) for event in events] == [
        (f"H12-{number}-x", sequence, f"H12-{number}-x") for number in ("0001", "0002") for sequence in (1, 2)
    ]
    assert events[0].data["procedure_name"] == AWKWARD
    assert last(store, "H12-0001-x") == 2


def _only_the_number(work: UnitOfWork, _code: str) -> None:
    assert work.resolve_placeholder("no placeholder") == "no placeholder"


def _a_row(work: UnitOfWork, code: str) -> None:
    add(work, code)


def _an_event(work: UnitOfWork, code: str) -> None:
    emit(work, code)


def _rows_of_one_statement(work: UnitOfWork, code: str) -> None:
    add(work, code)
    add(work, f"{code}-2")
    emit(work, code)


def _a_statement_that_cannot_be_batched(work: UnitOfWork, code: str) -> None:
    work.defer(_ADD_ONCE[work.connection.dialect.name], {"event_id": f"{code}-once", "attempts": 1, "seen_at": MOMENT})
    add(work, code)
    emit(work, code)


def _another_statement_between(work: UnitOfWork, code: str) -> None:
    add(work, code)
    assert work.execute(select(poison_messages.c.event_id)).scalars().all()[-1] == work.resolve_placeholder(code)
    emit(work, code)


def _a_savepoint_that_fails(work: UnitOfWork, code: str) -> None:
    def fails() -> None:
        with work.savepoint():
            add(work, f"lost {code}")
            raise LookupError

    with pytest.raises(LookupError):
        fails()
    add(work, code)


@pytest.mark.parametrize(
    ("writing", "rows", "events"),
    [
        (_only_the_number, [], 0),
        (_a_row, ["C-{}"], 0),
        (_an_event, [], 1),
        (_rows_of_one_statement, ["C-{}", "C-{}-2"], 1),
        (_a_statement_that_cannot_be_batched, ["C-{}", "C-{}-once"], 1),
        (_another_statement_between, ["C-{}"], 1),
        (_a_savepoint_that_fails, ["C-{}"], 0),
    ],
)
def test_the_number_is_replaced_whatever_else_the_transaction_does(
    bus_store_url: str, writing: Callable[[UnitOfWork, str], None], rows: list[str], events: int
) -> None:
    store = bus_store(bus_store_url, "intake")
    for number in ("01", "02"):
        with store.uow() as work:
            code = f"C-{defer_number(work, digits=2)}"
            writing(work, code)
        assert work.resolve_placeholder(code) == f"C-{number}"
    assert written(store) == [row.format(number) for number in ("01", "02") for row in rows]
    assert [event.key for event in emitted(store)] == [f"C-{number}" for number in ("01", "02") for _ in range(events)]
    assert last(store) == 2


def test_a_number_may_have_more_digits_than_its_least_width(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    with store.uow() as work:
        work.execute(outbox_sequences.insert().values(key="counter", last=98))
    for number in ("99", "100", "101"):
        with store.uow() as work:
            add(work, defer_number(work, digits=2))
        assert number in written(store)


def test_a_number_of_a_failed_transaction_is_used_again(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")

    def fails(work: UnitOfWork) -> None:
        add(work, defer_number(work))
        raise LookupError

    def collides(work: UnitOfWork) -> None:
        emit(work, defer_number(work))
        add(work, "taken")

    with store.uow() as work:
        add(work, "taken")
    with pytest.raises(LookupError):
        store.run(fails)
    with pytest.raises(IntegrityError):
        store.run(collides)
    assert last(store) is None
    for number in ("0001", "0002"):  # on the connection of the failed transaction
        with store.uow() as work:
            add(work, defer_number(work))
        assert number in written(store)
    assert written(store) == ["0001", "0002", "taken"]
    assert emitted(store) == []


def test_a_number_of_a_failed_savepoint_is_used_again(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")

    def fails(work: UnitOfWork) -> None:
        with work.savepoint():
            add(work, defer_number(work))
            work.flush()
            raise LookupError

    with store.uow() as work:
        with pytest.raises(LookupError):
            fails(work)
        add(work, f"second-{defer_number(work)}")
    assert written(store) == ["second-0001"]
    assert last(store) == 1


def test_a_transaction_takes_one_number_at_most(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    with pytest.raises(RuntimeError):
        store.run(lambda work: [defer_number(work), defer_number(work, "another")])
    assert last(store) is None


def test_a_number_is_not_known_before_the_transaction_ends(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    with store.uow() as work:
        placeholder = defer_number(work)
        assert work.resolve_placeholder("no placeholder in it") == "no placeholder in it"
        with pytest.raises(RuntimeError, match="not known"):
            work.resolve_placeholder(f"H12-{placeholder}")
    assert work.resolve_placeholder(f"H12-{placeholder}") == "H12-0001"


def test_many_at_once_leave_no_gap(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake")
    with store.uow() as work:
        add(work, "taken")

    def clerk(name: int) -> None:
        for turn in range(12):
            try:
                with store.uow() as work:
                    placeholder = defer_number(work)
                    add(work, "taken" if turn % 3 == 2 else f"C-{placeholder}")
                    emit(work, f"K-{name}-{placeholder}")
            except IntegrityError:
                continue

    threads = [threading.Thread(target=clerk, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert written(store) == [*(f"C-{number:04d}" for number in range(1, 33)), "taken"]
    assert sorted(int(event.key.rpartition("-")[2]) for event in emitted(store)) == list(range(1, 33))


def test_one_statement_is_a_whole_transaction_for_postgresql(ready_database: Callable[[Maker], str]) -> None:
    store = bus_store(ready_database(bus_tables), "intake")

    def file(work: UnitOfWork) -> None:
        code = defer_number(work)
        add(work, code)
        emit(work, code)

    store.run(file)
    with store.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        notices: list[str] = []
        raw.add_notice_handler(lambda notice: notices.append(notice.message_primary))
        raw.execute("SET log_statement = 'all'; SET client_min_messages = 'log'")
        raw.commit()
        notices.clear()
    store.run(file)  # on the same connection: the pool has no other
    [statement] = [line for line in notices if line.startswith(("statement", "execute"))]
    assert "WITH taken" in statement
    assert last(store) == 2


class Interrupted(BaseException):
    """Raised by a signal handler in the middle of a statement."""


def test_a_connection_that_was_interrupted_is_not_used_again(ready_database: Callable[[Maker], str]) -> None:
    store = bus_store(ready_database(bus_tables), "intake")

    def stop(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, stop)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    try:
        with pytest.raises(Interrupted), store.uow() as work:
            execute_as_transaction(work.connection, "SELECT pg_sleep(%(seconds)b)", {"seconds": 15.0})
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, before)

    def fails(work: UnitOfWork) -> None:
        work.execute(_ADD, {"event_id": "half", "attempts": 1, "seen_at": MOMENT})
        raise LookupError

    with pytest.raises(LookupError):
        store.run(fails)
    assert written(store) == [], "the next transaction is rolled back, not committed by autocommit"
