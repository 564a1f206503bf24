"""Rotation of the keys of personal data: rows that an older key sealed are sealed again with the first one, while services work.

A table is read in the order of its primary key, some hundred rows at a time, without a lock. What must change is then written in a short
transaction that compares each old value once more: a row that somebody has changed meanwhile stays as they wrote it. So the work may stop
at any line and begin again, may run twice at once, and needs no record of how far it came. On PostgreSQL rows that are locked are left for
the next pass, so that nobody waits for it and no deadlock arises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, MetaData, Row, Table, Text, and_, func, or_, select, tuple_, type_coerce, update

from shared.persistence.personal_data import PersonalText, personal_columns, personal_values
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.data_keys import DataKeys, UnreadableData, key_id

BATCH = 200
COUNTED_AT_ONCE = 2000
PREFIX = 21
"""Characters of a sealed text that hold the id of its key and the separator."""
MOST_PASSES = 20


@dataclass
class Resealed:
    """What a rotation has done in one table.

    Attributes:
        rows: how many were sealed again.
        left: how many were locked or changed meanwhile in the last pass; another run finds them.
        unreadable: how many cannot be opened by any of the keys.
    """

    rows: int = 0
    left: int = 0
    unreadable: int = 0


@dataclass(frozen=True)
class _Change:
    """A row that needs another key: its place, the sealed texts as they were read, and the readable ones."""

    primary: Sequence[Any]
    row: str
    old: Mapping[str, str]
    texts: Mapping[str, str] = field(repr=False)


def sealed_tables(metadata: MetaData) -> list[Table]:
    """The tables that have personal columns, by name."""
    return [table for _, table in sorted(metadata.tables.items()) if personal_columns(table).texts]


def rows_by_key(store: Store, table: Table) -> Counter[str]:
    """How many rows of a table have something that a key sealed; a row with two keys counts for both.

    Args:
        store: any.
        table: with personal columns.

    Returns:
        the key's id → rows; the empty id for what is no sealed text.
    """
    found: Counter[str] = Counter()
    beginnings = [func.substr(_raw(table.c[name]), 1, PREFIX) for name in personal_columns(table).texts]
    for rows in _in_order(store, table, beginnings, COUNTED_AT_ONCE):
        for row in rows:
            found.update({key_id(text) for text in row[-len(beginnings) :] if text})
    return found


def reseal(
    store: Store, table: Table, batch: int = BATCH, progress: Callable[[int], None] = lambda _rows: None
) -> Resealed:
    """Seals the rows of a table with the first key, in as many passes as it takes until nothing else is left.

    Args:
        store: opened with keys; the first one seals.
        table: with personal columns.
        batch: rows of one transaction at most.
        progress: told after each transaction how many rows were sealed again.
    """
    done = Resealed()
    for _ in range(MOST_PASSES):
        before = done.rows
        done.left = done.unreadable = 0
        _pass(store, table, batch, done, progress)
        if not done.left and done.rows == before:
            break
    return done


def _pass(store: Store, table: Table, batch: int, done: Resealed, progress: Callable[[int], None]) -> None:
    keys, known = _keys(store), personal_columns(table)
    names, rows = sorted(known.texts), sorted(set(known.texts.values()))
    columns = [*(table.c[name] for name in rows), *(_raw(table.c[name]).label(name) for name in names)]
    for found in _in_order(store, table, columns, batch):
        changes = [change for row in found for change in _changes(table, row, names, keys, done)]
        if changes:
            written = store.run(lambda work, todo=changes: _write(work, table, todo))  # type: ignore[misc]
            done.rows += written
            done.left += len(changes) - written
            progress(written)


def _changes(table: Table, row: Row[Any], names: Sequence[str], keys: DataKeys, done: Resealed) -> Iterator[_Change]:
    """What must change in a row; empty when the first key sealed all of it."""
    known, values = personal_columns(table).texts, row._mapping
    old = {name: values[name] for name in names if values[name] and key_id(values[name]) != keys.first}
    if not old:
        return
    types = {name: table.c[name].type for name in old}
    try:
        texts = {
            name: keys.unseal(text, kind.purpose, str(values[known[name]]))
            for name, text in old.items()
            if isinstance(kind := types[name], PersonalText)
        }
    except UnreadableData:
        done.unreadable += 1
        return
    width = len(table.primary_key.columns)
    for column in sorted({known[name] for name in old}):  # nearly always one: all columns of a table name the same
        own = [name for name in old if known[name] == column]
        yield _Change(
            tuple(row[:width]),
            str(values[column]),
            {name: old[name] for name in own},
            {name: texts[name] for name in own},
        )


def _write(work: UnitOfWork, table: Table, changes: Sequence[_Change]) -> int:
    """Writes changes of rows that are as they were read and that nobody has locked; returns how many."""
    primary = list(table.primary_key.columns)
    free = select(*primary).where(or_(*(_is_row(primary, change) for change in changes)))
    unlocked = {tuple(row) for row in work.execute(free.with_for_update(skip_locked=True))}
    written = 0
    for change in changes:
        if tuple(change.primary) not in unlocked:
            continue
        unchanged = and_(*(_raw(table.c[name]) == text for name, text in change.old.items()))
        renewed = personal_values(table, change.texts, change.row)
        statement = update(table).where(_is_row(primary, change), unchanged).values(renewed)
        written += work.execute(statement).rowcount
    return written


def _in_order(store: Store, table: Table, columns: Sequence[Any], most: int) -> Iterator[Sequence[Row[Any]]]:
    """Parts of a table in the order of its primary key; each row begins with it. Every part is a transaction of its own."""
    primary = list(table.primary_key.columns)
    statement = select(*(column.label(f"primary_{column.name}") for column in primary), *columns)
    statement = statement.order_by(*primary).limit(most)
    last: Sequence[Any] | None = None
    while True:
        wanted = statement if last is None else statement.where(tuple_(*primary) > tuple_(*last))
        with store.read() as connection:
            rows = connection.execute(wanted).all()
        if not rows:
            return
        yield rows
        last = tuple(rows[-1][: len(primary)])


def _is_row(primary: Sequence[Column[Any]], change: _Change) -> Any:
    return and_(*(column == value for column, value in zip(primary, change.primary, strict=True)))


def _raw(column: Column[Any]) -> Any:
    return type_coerce(column, Text())


def _keys(store: Store) -> DataKeys:
    if store.data_keys is None:
        raise LookupError(f"the store of {store.service} was opened without keys for personal data")
    return store.data_keys
