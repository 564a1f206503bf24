"""Hints wake the processes that use one database, and whoever waits never depends on them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from shared.contracts import REGISTRY
from shared.messaging.hint_transports import open_hints
from shared.messaging.hints import OUTBOX, RETRY, Hints
from shared.messaging.pipes import CAPACITY, Pipe, folder_of, new_owner, wake
from shared.messaging.postgres_hints import PostgresHints
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from tests.support.prepared import Maker
from tests.support.processes import wait_until
from tests.support.stores import bus_store, bus_tables


class Listener:
    """One process that listens: `names` are the hints it got."""

    def __init__(self, hints: Hints) -> None:
        self.hints = hints
        self.names: list[str] = []
        self.errors: list[str] = []
        self.ready = threading.Event()
        self.stopping = False
        for name in (OUTBOX, RETRY):
            hints.subscribe(name, lambda name=name: self.names.append(name))  # type: ignore[misc]
        self.thread = threading.Thread(target=self._receive)

    def _receive(self) -> None:
        while not self.stopping:
            try:
                self.hints.receive(0.0 if not self.ready.is_set() else 60.0)
            except (SQLAlchemyError, psycopg.Error) as error:
                self.errors.append(type(error).__name__)
            self.ready.set()
        self.hints.close()


@contextmanager
def listening(store: Store) -> Iterator[Listener]:
    """A process that listens, from its first look on."""
    listener = Listener(open_hints(store.engine))
    listener.thread.start()
    assert listener.ready.wait(10)
    listener.names.clear()
    try:
        yield listener
    finally:
        listener.stopping = True
        listener.hints.interrupt()
        listener.thread.join(10)
        assert not listener.thread.is_alive(), "an interrupt must end the wait"


def emit(unit: UnitOfWork) -> None:
    entry = REGISTRY.by_name["dossier.received"]
    unit.emit("dossier.received", {**entry.schema.load(entry.example), "dossier": "A"})


def test_who_commits_an_event_wakes_the_relay_of_another_process(bus_store_url: str) -> None:
    web, worker = bus_store(bus_store_url, "intake"), bus_store(bus_store_url, "intake")
    web.hints = open_hints(web.engine)
    with listening(worker) as listener:
        web.run(emit)
        wait_until(lambda: listener.names == [OUTBOX], what="the hint")


def test_a_transaction_that_rolls_back_wakes_nobody(bus_store_url: str) -> None:
    web, worker = bus_store(bus_store_url, "intake"), bus_store(bus_store_url, "intake")
    web.hints = open_hints(web.engine)

    def fails(unit: UnitOfWork) -> None:
        emit(unit)
        raise RuntimeError

    with listening(worker) as listener:
        with pytest.raises(RuntimeError):
            web.run(fails)
        web.run(lambda unit: unit.hint(RETRY))
        wait_until(lambda: bool(listener.names), what="a hint")
        assert listener.names == [RETRY]


def test_a_process_gets_its_own_hints_once(bus_store_url: str) -> None:
    store, other = bus_store(bus_store_url, "intake"), bus_store(bus_store_url, "intake")
    with listening(store) as own, listening(other) as listener:
        own.hints.send([OUTBOX])
        wait_until(lambda: listener.names == [OUTBOX], what="the hint")
        listener.hints.send([RETRY])
        wait_until(lambda: RETRY in own.names, what="the other's hint")
        assert own.names == [OUTBOX, RETRY]


def test_a_lost_connection_counts_as_a_hint_of_everything(ready_database: Callable[[Maker], str]) -> None:
    url = ready_database(bus_tables)
    store, other = bus_store(url, "intake"), bus_store(url, "intake")
    with listening(store) as listener:
        with other.engine.connect() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
            )
        wait_until(lambda: {OUTBOX, RETRY} <= set(listener.names), what="the next look at everything")
        assert listener.errors
        listener.names.clear()
        open_hints(other.engine).send([RETRY])
        wait_until(lambda: listener.names == [RETRY], what="a hint on the new connection")


def test_the_pipe_of_a_dead_process_is_deleted_and_a_full_one_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "bus.db"
    alive, dead = Pipe(path, "q", new_owner()), Pipe(path, "q", new_owner())
    os.close(dead._file)  # as the system does when a process is killed
    assert len(os.listdir(folder_of(path))) == 2
    for _ in range(CAPACITY // 100 + 10):
        wake(path, ["q"], "x" * 100)
    assert len(os.listdir(folder_of(path))) == 1
    assert alive.wait(10.0)
    alive.close()
    alive.interrupt()  # too late: nothing happens
    assert os.listdir(folder_of(path)) == []


def test_pipes_are_for_their_owner_alone(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path / "bus.db", "q", new_owner())
    (found,) = folder_of(tmp_path / "bus.db").iterdir()
    assert (found.stat().st_mode & 0o777, found.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    pipe.close()


def test_a_commit_succeeds_where_nobody_can_be_woken_and_the_log_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "store.db"
    store = bus_store(f"sqlite:///{path}", "intake")
    store.hints = open_hints(store.engine)
    folder_of(path).write_text("not a folder")
    for _ in range(2):
        store.run(emit)
    assert len([record for record in caplog.records if "not woken" in record.message]) == 1
    folder_of(path).unlink()
    with listening(store) as listener:
        store.run(emit)
        wait_until(lambda: listener.names == [OUTBOX], what="the hint")
    store.close()


def test_a_failure_of_any_kind_does_not_end_the_sending_of_hints() -> None:
    attempts: list[str] = []

    class BrokenEngine:
        def connect(self) -> None:
            attempts.append("connect")
            raise RuntimeError("can't start new thread")

    hints = PostgresHints(cast(Engine, BrokenEngine()))
    for number in (1, 2):
        hints.send([OUTBOX])
        wait_until(lambda: len(attempts) == number, what="an attempt to send")  # noqa: B023 (used within the round)
