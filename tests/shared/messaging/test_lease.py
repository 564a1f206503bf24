"""Leases: one holder; another takes over when it ends, hangs or loses the database, and who was paused notices."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.messaging.file_locks import FileLocks, folder_of
from shared.messaging.lease import Lease, open_locks
from shared.persistence.store import Store
from tests.support.processes import Proc, python, wait_until
from tests.support.stores import bus_store

SECONDS = 2.0
HOLDER = """
import sys, time
from shared.messaging.lease import Lease, open_locks
from shared.persistence.engine import make_engine
lease = Lease(open_locks(make_engine(sys.argv[1]), "other process", float(sys.argv[2])), "relay")
while True:
    print("holds" if lease.hold() else "lost", flush=True)
    time.sleep(float(sys.argv[2]) / 10)
"""


class Ticks:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def lease_of(store: Store, holder: str, seconds: float = SECONDS) -> Lease:
    return Lease(open_locks(store.engine, holder, seconds), "relay")


@pytest.fixture
def store(bus_store_url: str) -> Store:
    return bus_store(bus_store_url, "intake")


def test_a_released_lease_is_free_at_once_and_for_others(store: Store) -> None:
    changes: list[str] = []
    a, b = lease_of(store, "a"), lease_of(store, "b")
    b.subscribe(lambda: changes.append("b"))
    assert a.hold()
    assert not b.hold()
    a.release()
    assert not a.hold(), "it does not take back what it has given up"
    assert b.hold()
    assert b.hold()
    assert changes == ["b"]
    b.release()


def test_leases_of_different_names_are_independent(store: Store) -> None:
    locks, others = open_locks(store.engine, "a", SECONDS), open_locks(store.engine, "b", SECONDS)
    relay, maintenance = Lease(locks, "relay"), Lease(locks, "maintenance")
    assert relay.hold()
    assert maintenance.hold()
    maintenance.release()
    other = Lease(others, "maintenance")
    assert other.hold()
    assert relay.renew()
    assert not Lease(others, "relay").hold()
    relay.release()
    other.release()


def test_of_several_that_take_it_at_the_same_time_one_wins(store: Store) -> None:
    contenders = [lease_of(store, name, 60.0) for name in "abcdef"]
    start = threading.Barrier(len(contenders))
    won: list[bool] = []

    def contend(lease: Lease) -> None:
        start.wait(10)
        won.append(lease.hold())

    threads = [threading.Thread(target=contend, args=(lease,)) for lease in contenders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won.count(True) == 1
    for lease in contenders:
        lease.release()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_another_process_takes_over_from_one_that_died_or_hangs(
    store: Store, bus_store_url: str, how: signal.Signals, spawn_process: Callable[..., Proc]
) -> None:
    seconds = 60.0 if how == signal.SIGKILL else SECONDS  # who died is not waited for
    holder = spawn_process(python("-c", HOLDER, bus_store_url, str(seconds)), env=dict(os.environ))
    wait_until(lambda: "holds" in holder.output(), what="the holder to take the lease")
    successor = lease_of(store, "successor", seconds)
    assert not successor.hold()
    holder.signal(how)
    wait_until(successor.hold, what="the take-over")
    if how == signal.SIGSTOP:
        before = len(holder.output())
        holder.signal(signal.SIGCONT)
        wait_until(lambda: "lost\n" in holder.output()[before:], what="what the resumed holder says")
        assert "holds" not in holder.output()[before:].splitlines()
        assert successor.renew()
    successor.release()


def test_a_holder_whose_lock_was_taken_away_notices_when_it_renews(store: Store, bus_store_url: str) -> None:
    a = lease_of(store, "a", 60.0)
    changes: list[str] = []
    a.subscribe(lambda: changes.append("a"))
    assert a.hold()
    if store.engine.dialect.name == "postgresql":
        end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'motcua a'"
        with store.read() as connection:
            assert connection.execute(text(end)).scalar_one()
    else:
        shutil.rmtree(folder_of(Path(store.engine.url.database or "")))
    b = lease_of(store, "b", 60.0)
    assert b.hold()
    assert not a.renew()
    assert not a.hold()
    assert changes == ["a", "a"]
    b.release()


class Unreachable:
    """Locks of a database that was lost after the lock was taken."""

    seconds, monotonic = SECONDS, staticmethod(Ticks())

    def __init__(self) -> None:
        self.away = False

    def take(self, name: str) -> bool:
        if self.away:
            raise ConnectionError(name)
        return True

    def confirm(self, name: str) -> bool:
        return self.take(name)

    def release(self, name: str) -> None:
        """Nothing to release."""


def test_without_the_database_the_lease_is_lost() -> None:
    locks, changes = Unreachable(), list[str]()
    lease = Lease(locks, "relay")
    lease.subscribe(lambda: changes.append("changed"))
    assert lease.hold()
    locks.away = True
    for _ in range(2):
        with pytest.raises(ConnectionError):
            lease.renew()
    with pytest.raises(ConnectionError):
        lease.hold()
    assert changes == ["changed", "changed"], "got once and lost once"


class TestFiles:
    """What only time tells, by clocks that the test moves."""

    @pytest.fixture
    def database(self, tmp_path: Path) -> Path:
        return tmp_path / "store.db"

    @staticmethod
    def lease(database: Path, holder: str, ticks: Ticks) -> Lease:
        return Lease(FileLocks(database, holder, 3.0, ticks), "relay")

    def test_who_stops_renewing_loses_it_by_the_contenders_clock(self, database: Path) -> None:
        ticks_a, ticks_b = Ticks(), Ticks()
        ticks_b.now += 3600.0
        a, b = self.lease(database, "a", ticks_a), self.lease(database, "b", ticks_b)
        assert a.hold()
        assert not b.hold()
        for _ in range(5):  # while a renews, b must not take over, however long it takes
            ticks_a.now += 2.0
            ticks_b.now += 2.0
            assert a.hold()
            assert not b.hold()
        ticks_b.now += 3.0  # a does not renew
        assert b.hold()
        ticks_a.now += 3.0
        assert not a.hold(), "a holder that resumes late sees that it has lost the lease"
        ticks_b.now += 1.0
        assert b.renew()

    def test_of_several_that_take_over_at_the_same_time_one_wins(self, database: Path) -> None:
        ticks = Ticks()
        hanging = self.lease(database, "hanging", ticks)
        for _ in range(20):
            assert hanging.renew()
            contenders = [self.lease(database, name, ticks) for name in "abcd"]
            assert not any(contender.hold() for contender in contenders)
            ticks.now += 3.0
            start = threading.Barrier(len(contenders))
            won: list[Lease] = []

            def contend(lease: Lease, start: threading.Barrier = start, won: list[Lease] = won) -> None:
                start.wait(10)
                if lease.hold():
                    won.append(lease)

            threads = [threading.Thread(target=contend, args=(lease,)) for lease in contenders]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            [hanging] = [lease for lease in contenders if lease.renew()]
            assert won in ([hanging], [])

    def test_a_restarted_process_of_the_same_name_is_not_taken_for_one_that_hangs(self, database: Path) -> None:
        ticks = Ticks()
        first, contender = self.lease(database, "pod-1", ticks), self.lease(database, "pod-2", ticks)
        assert first.hold()
        assert not contender.hold()
        ticks.now += 2.9
        first.release()
        second = self.lease(database, "pod-1", ticks)
        assert second.hold()
        ticks.now += 1.0
        assert not contender.hold()
