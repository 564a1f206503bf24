"""Epochs: a database that was restored from a backup is noticed before it is used, and repeats no sequence number."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.messaging import outbox, published
from shared.messaging.event import Event
from shared.messaging.tables import outbox as outbox_table
from shared.persistence import epoch
from shared.persistence.store import Store
from shared.persistence.witness import Witness
from shared.runtime.clock import Clock
from tests.support.backups import back_up, restore
from tests.support.events import event
from tests.support.stores import HandClock, bus_store


def _open(url: str, hand: HandClock) -> Store:
    return bus_store(url, "intake", hand)


def _publish(store: Store, key: str, count: int = 1) -> list[int]:
    """Writes events; returns their sequence numbers."""
    with store.uow() as unit:
        unit.events.extend(event("dossier.withdrawn", 0, dossier=key) for _ in range(count))
    with store.read() as connection:
        rows = outbox.pending(connection, 1000)
        return [Event.from_json(row.body).sequence for row in rows if row.key == key][-count:]


def _epoch(store: Store) -> epoch.Epoch:
    with store.read() as connection:
        return epoch.present(connection)


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


def test_a_database_that_was_never_restored_stays_in_its_first_epoch(bus_store_url: str, hand: HandClock) -> None:
    for _ in range(3):
        store = _open(bus_store_url, hand)
        assert _publish(store, "A")
        assert _epoch(store) == epoch.Epoch(0, "", True)
        store.close()
        hand.pass_(60)


def test_after_a_restore_every_sequence_number_is_higher_than_all_before(
    bus_store_url: str, hand: HandClock, tmp_path: Path
) -> None:
    store = _open(bus_store_url, hand)
    assert _publish(store, "A", 3) == [1, 2, 3]
    copy = back_up(bus_store_url, tmp_path / "copy")
    lost = _publish(store, "A", 5) + _publish(store, "B", 2)
    store.close()
    restore(bus_store_url, copy)
    hand.pass_(60)

    store = _open(bus_store_url, hand)
    known, new = _publish(store, "A", 2), _publish(store, "B", 2)
    assert known == [known[0], known[0] + 1]
    assert new == [new[0], new[0] + 1]
    assert min(known + new) > max(lost)
    assert {epoch.epoch_of(number) for number in known + new} == {int(hand.seconds)}
    assert _publish(store, "A") == [known[-1] + 1]
    assert not _epoch(store).announced
    store.close()


def test_two_restores_of_the_same_backup_have_different_epochs(
    bus_store_url: str, hand: HandClock, tmp_path: Path
) -> None:
    store = _open(bus_store_url, hand)
    _publish(store, "A")
    copy = back_up(bus_store_url, tmp_path / "copy")
    _publish(store, "A")
    store.close()
    seen: list[int] = []
    for _ in range(3):
        restore(bus_store_url, copy)
        hand.pass_(1)
        store = _open(bus_store_url, hand)
        numbers = _publish(store, "A", 2)
        assert not seen or min(numbers) > max(seen)
        seen += numbers
        store.close()


def test_a_restore_is_noticed_once_however_many_connections_look(
    bus_store_url: str, hand: HandClock, tmp_path: Path
) -> None:
    store = _open(bus_store_url, hand)
    copy = back_up(bus_store_url, tmp_path / "copy")
    _publish(store, "A")
    store.close()
    restore(bus_store_url, copy)
    for _ in range(3):
        hand.pass_(60)
        store = _open(bus_store_url, hand)
        with store.read() as one, store.read() as other:
            numbers = {epoch.present(connection).number for connection in (one, other)}
        store.close()
    assert numbers == {int(hand.seconds) - 120}


def test_a_restored_database_still_publishes_what_waited_in_the_backup(
    bus_store_url: str, hand: HandClock, tmp_path: Path
) -> None:
    store = _open(bus_store_url, hand)
    _publish(store, "A", 2)
    copy = back_up(bus_store_url, tmp_path / "copy")
    with store.uow() as unit:
        published.keep_confirmed(unit.connection, outbox.pending(unit.connection, 9), [1, 2], unit.clock.wall())
    store.close()
    restore(bus_store_url, copy)
    store = _open(bus_store_url, hand)
    with store.read() as connection:
        assert connection.execute(select(outbox_table.c.sequence).order_by(outbox_table.c.id)).scalars().all() == [1, 2]
    store.close()


def test_an_operator_begins_an_epoch_and_twice_is_once(bus_store_url: str, hand: HandClock) -> None:
    store = _open(bus_store_url, hand)
    _publish(store, "A", 3)
    first = store.run(lambda unit: epoch.begin(unit.connection, "a snapshot was restored", hand.seconds))
    hand.pass_(60)
    assert store.run(lambda unit: epoch.begin(unit.connection, "again", hand.seconds)) == first
    assert epoch.epoch_of(_publish(store, "A")[0]) == first
    store.run(lambda unit: epoch.mark_announced(unit.connection, first))
    assert store.run(lambda unit: epoch.begin(unit.connection, "another", hand.seconds)) > first
    store.close()


def test_epochs_grow_even_when_the_machines_clock_went_back(bus_store_url: str, hand: HandClock) -> None:
    store = _open(bus_store_url, hand)
    first = store.run(lambda unit: epoch.begin(unit.connection, "one", hand.seconds))
    store.run(lambda unit: epoch.mark_announced(unit.connection, first))
    assert store.run(lambda unit: epoch.begin(unit.connection, "two", hand.seconds - 9999)) == first + 1
    store.close()


def _file_store(path: Path, hand: HandClock) -> Store:
    return bus_store(f"sqlite:///{path}", "intake", hand)


def test_a_file_that_was_replaced_by_an_equal_copy_is_noticed(tmp_path: Path, hand: HandClock) -> None:
    path = tmp_path / "intake.db"
    store = _file_store(path, hand)
    _publish(store, "A")
    store.close()
    shutil.copyfile(path, tmp_path / "copy")
    (tmp_path / "copy").replace(path)
    store = _file_store(path, hand)
    assert _epoch(store).number == int(hand.seconds)
    store.close()


def test_a_file_that_was_moved_without_its_witness_is_noticed(tmp_path: Path, hand: HandClock) -> None:
    store = _file_store(tmp_path / "intake.db", hand)
    _publish(store, "A")
    store.close()
    (tmp_path / "other").mkdir()
    shutil.copyfile(tmp_path / "intake.db", tmp_path / "other" / "intake.db")
    store = _file_store(tmp_path / "other" / "intake.db", hand)
    assert _epoch(store).number == int(hand.seconds)
    store.close()


def test_a_file_that_was_deleted_does_not_begin_its_numbers_again(tmp_path: Path, hand: HandClock) -> None:
    path = tmp_path / "intake.db"
    store = _file_store(path, hand)
    lost = _publish(store, "A")
    store.close()
    for found in tmp_path.glob("intake.db*"):
        if found.suffix != ".witness":
            found.unlink()
    store = _file_store(path, hand)
    store.close()  # the tables are new; the next connection looks
    store = _file_store(path, hand)
    assert _publish(store, "A")[0] > lost[0]
    store.close()


def test_a_witness_that_cannot_be_written_fails_no_command(tmp_path: Path, hand: HandClock) -> None:
    store = _file_store(tmp_path / "intake.db", hand)
    assert _publish(store, "A") == [1]
    witness = Witness(tmp_path / "intake.db")
    witness.path.unlink()
    witness.path.mkdir()
    assert _publish(store, "A") == [2]
    store.close()


def test_a_lost_witness_is_reported_once_and_written_again(
    tmp_path: Path, hand: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    store = _file_store(tmp_path / "intake.db", hand)
    _publish(store, "A")
    path = Witness(tmp_path / "intake.db").path
    kept = path.read_bytes()
    for size in (
        0,
        10,
    ):  # an empty file cannot be mapped, and nothing of it may be touched; a short one has no place for the number
        path.write_bytes(kept[:size])
        _publish(store, "A")
        _publish(store, "A")
    path.unlink()
    _publish(store, "A")
    assert len([record for record in caplog.records if "witness" in record.message]) == 1
    path.write_bytes(kept)
    _publish(store, "A")
    assert int(path.read_text().split()[-1]) == 7
    path.unlink()
    _publish(store, "A")
    assert len([record for record in caplog.records if "witness" in record.message]) == 2
    store.close()


def test_a_process_that_has_seen_a_restore_goes_on_to_count(tmp_path: Path, hand: HandClock) -> None:
    path, copy = tmp_path / "intake.db", tmp_path / "copy"
    store = _file_store(path, hand)
    _publish(store, "A")
    store.engine.dispose()  # closes the connections; the process and what it knows of the witness stay
    shutil.copyfile(path, copy)
    _publish(store, "A", 9)
    for _ in range(2):
        store.engine.dispose()
        shutil.copyfile(copy, path)
        hand.pass_(100)
        assert _epoch(store).number == int(hand.seconds)
        store.engine.dispose()
        shutil.copyfile(path, copy)  # the next backup, with fewer events than the process has seen before
        _publish(store, "A", 2)
    store.close()


def test_the_witness_follows_the_database(tmp_path: Path, hand: HandClock) -> None:
    path = tmp_path / "intake.db"
    store = _file_store(path, hand)
    witness = Witness(path)
    for count in (1, 4):
        _publish(store, "A", count)
        with store.read() as connection:
            assert witness.agrees(connection.connection.driver_connection)
    store.close()
    assert int(witness.path.read_text().split()[-1]) == 5
    assert witness.path.stat().st_mode & 0o777 == 0o600
    store = Store(f"sqlite:///{path}", "intake", Clock(source=hand))
    assert _epoch(store).number == 0
    store.close()
