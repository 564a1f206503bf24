"""Rotation of the keys of personal data and the register of keys in use, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, select, update

from shared.persistence import data_key_register
from shared.persistence.data_key_register import check, check_connections
from shared.persistence.key_rotation import reseal, rows_by_key
from shared.persistence.personal_data import BlindIndex, PersonalText, index_matches, personal_values
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.data_keys import DataKeys, WrongDataKeys

T = TypeVar("T")

OLD, NEW = ("old", "o" * 40), ("new", "n" * 40)
letters = Table(
    "letter",
    MetaData(),
    Column("number", String(20), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("sender", PersonalText("letter.sender", row="number"), nullable=False),
    Column("sender_index", BlindIndex("letter.sender", str.split), nullable=False),
    Column("note", PersonalText("letter.note", row="number")),
)
ROWS = 23


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A table that the old key has sealed, opened with the new key in front."""
    before = Store(store_url, "intake", data_keys=DataKeys([OLD]))
    letters.metadata.create_all(before.engine)
    data_key_register.metadata.create_all(before.engine)
    for number in range(ROWS):
        write(before, f"L-{number}", f"Bưởi s{number}", "con trai" if number % 3 else "")
    before.close()
    made = Opened(store_url)
    yield made
    made.close()


class Opened(Store):
    """A store whose transactions a test may stop, or precede by somebody else's."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "intake", data_keys=DataKeys([NEW, OLD]))
        self.before: Callable[[], None] = lambda: None

    def run(self, work: Callable[[UnitOfWork], T], attempts: int = 5) -> T:
        self.before()
        return super().run(work, attempts)


def write(store: Store, number: str, sender: str, note: str | None) -> None:
    row = {"number": number, "year": 2025, "sender": sender, "note": note}
    Store.run(store, lambda work: work.execute(letters.insert(), personal_values(letters, row)))


def change(store: Store, number: str, sender: str) -> None:
    values = personal_values(letters, {"sender": sender}, row=number)
    Store.run(store, lambda work: work.execute(update(letters).where(letters.c.number == number).values(values)))


def senders(store: Store) -> dict[str, str]:
    with store.read() as connection:
        return {row.number: row.sender for row in connection.execute(select(letters.c.number, letters.c.sender))}


def found(store: Store, text: str) -> set[str]:
    with store.read() as connection:
        where = index_matches(connection, letters.c.sender_index, text)
        return set(connection.execute(select(letters.c.number).where(where)).scalars())


def test_rows_get_the_first_key_in_batches_and_are_found_before_meanwhile_and_after(store: Store) -> None:
    before = senders(store)
    assert rows_by_key(store, letters) == Counter(old=ROWS)
    seen: list[int] = []

    def progress(rows: int) -> None:
        seen.append(rows)
        assert len(found(store, "Bưởi")) == ROWS

    assert reseal(store, letters, batch=5, progress=progress).rows == ROWS
    assert seen == [5, 5, 5, 5, 3]
    assert senders(store) == before
    assert rows_by_key(store, letters) == Counter(new=ROWS)
    alone = Store(str(store.engine.url.render_as_string(hide_password=False)), "intake", data_keys=DataKeys([NEW]))
    assert found(alone, "s7 Bưởi") == {"L-7"}
    assert senders(alone) == before
    alone.close()
    assert reseal(store, letters).rows == 0


def test_a_rotation_that_died_at_any_transaction_goes_on(store: Opened) -> None:
    class Died(BaseException):
        pass

    for steps in range(6):
        left = iter(range(steps))

        def die(left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise Died

        store.before = die
        try:
            reseal(store, letters, batch=4)
        except Died:
            assert len(found(store, "Bưởi")) == ROWS
    store.before = lambda: None
    reseal(store, letters, batch=4)
    assert rows_by_key(store, letters) == Counter(new=ROWS)


def test_what_somebody_changes_between_reading_and_writing_stays_changed(store: Opened) -> None:
    changed = iter([("L-4", "Lê Đào")])

    def change_one() -> None:
        if pair := next(changed, None):
            change(store, *pair)

    store.before = change_one
    done = reseal(store, letters, batch=ROWS)
    assert (done.rows, done.left) == (ROWS, 0)  # the note of the changed row was still the old key's: the next pass
    assert senders(store)["L-4"] == "Lê Đào"
    assert found(store, "Đào") == {"L-4"}
    assert rows_by_key(store, letters) == Counter(new=ROWS)


def test_two_rotations_and_a_writer_at_once_lose_nothing(store: Opened) -> None:
    def write_all() -> None:
        for number in range(ROWS):
            change(store, f"L-{number}", f"Cam s{number}")

    with ThreadPoolExecutor(3) as threads:
        at_work = [threads.submit(reseal, store, letters, 3) for _ in range(2)]
        threads.submit(write_all).result()
        assert all(future.result().unreadable == 0 for future in at_work)
    reseal(store, letters)
    assert senders(store) == {f"L-{number}": f"Cam s{number}" for number in range(ROWS)}
    assert rows_by_key(store, letters) == Counter(new=ROWS)


def test_rows_that_no_key_opens_are_counted_and_left(store: Opened) -> None:
    other = Store(
        str(store.engine.url.render_as_string(hide_password=False)), "intake", data_keys=DataKeys([("lost", "l" * 40)])
    )
    write(other, "L-99", "Ổi", None)
    other.close()
    done = reseal(store, letters)
    assert (done.rows, done.unreadable) == (ROWS, 1)
    assert rows_by_key(store, letters) == Counter(new=ROWS, lost=1)


def opened(store: Store, *keys: tuple[str, str]) -> Store:
    return Store(str(store.engine.url.render_as_string(hide_password=False)), "intake", data_keys=DataKeys(keys))


def test_a_process_with_a_missing_or_wrong_key_does_not_begin(store: Store) -> None:
    def used(opened: Store, _ids: object) -> set[str]:
        return set(rows_by_key(opened, letters))

    def begin(*keys: tuple[str, str]) -> None:
        made = opened(store, *keys)
        try:
            check(made, used)
        finally:
            made.close()

    begin(OLD)
    begin(NEW, OLD)
    with pytest.raises(WrongDataKeys, match=r"the key 'old' is not the one"):
        begin(("old", "x" * 40))
    with pytest.raises(WrongDataKeys, match=r"lacks 'old'.*only new given"):
        begin(NEW)
    reseal(store, letters)
    begin(NEW)  # nothing is sealed with the old one: it is forgotten
    begin(NEW, ("old", "x" * 40))


def test_a_database_that_answers_late_is_compared_by_its_first_connection(store: Store) -> None:
    check(opened(store, OLD), lambda _store, _ids: set())
    late = opened(store, ("old", "x" * 40))
    check_connections(late.engine, "intake", late.data_keys or DataKeys([OLD]))
    with pytest.raises(WrongDataKeys), late.read():
        pass
    late.close()
