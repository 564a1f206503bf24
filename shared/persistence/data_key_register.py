"""Which keys of personal data a database was written with, so that a process with a missing or wrong key does not begin to work.

The table `data_key` has a row for each key that has sealed something, with a check text that only this key opens. A process compares it
with its settings before it works. A key that is no longer in the settings is forgotten if nothing is sealed with it any more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, Text, delete, event, select

from shared.persistence.sql import Moment
from shared.persistence.store import Store
from shared.runtime.data_keys import DataKeys, UnreadableData, WrongDataKeys

log = logging.getLogger(__name__)

metadata = MetaData()

registered_keys = Table(
    "data_key",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("check_text", Text, nullable=False),  # sealed: two keys of one id are told apart by it
    Column("first_used_at", Moment, nullable=False),  # real time
)

_PURPOSE = "data_key.check_text"
_SELECT = "SELECT id, check_text FROM data_key"


def check(store: Store, still_used: Callable[[Store, Collection[str]], Collection[str]]) -> None:
    """Compares the keys of a store with those that its database was written with, and records the one that writes from now on.

    Args:
        store: opened with keys; its database has its tables.
        still_used: asked which keys seal something, of those that the settings no longer have; it may take some seconds.

    Raises:
        WrongDataKeys: a key is missing that something is sealed with, or is another one than that of its id.
    """
    keys = _keys(store)
    with store.read() as connection:
        known = _known(connection)
    _compare(store.service, known, keys)
    gone = {id_ for id_, _ in known} - set(keys.ids)
    if gone:
        if needed := sorted(gone & set(still_used(store, gone))):
            raise WrongDataKeys(_missing(store.service, needed, keys))
        store.run(lambda work: work.execute(delete(registered_keys).where(registered_keys.c.id.in_(sorted(gone)))))
        log.warning("%s needs the keys of personal data %s no longer", store.service, ", ".join(sorted(gone)))
    begin_writing(store)


def begin_writing(store: Store) -> None:
    """Compares the keys of a store with those of the same ids that its database was written with, and records the first.

    Raises:
        WrongDataKeys: a key is another one than that of its id.
    """
    keys = _keys(store)
    with store.read() as connection:
        known = _known(connection)
    _compare(store.service, known, keys)
    if keys.first not in {id_ for id_, _ in known}:
        row = {
            "id": keys.first,
            "check_text": keys.seal(keys.first, _PURPOSE, keys.first),
            "first_used_at": store.clock.wall(),
        }
        store.run(lambda work: work.execute(work.insert(registered_keys).values(**row).on_conflict_do_nothing()))


def check_connections(engine: Engine, service: str, keys: DataKeys) -> None:
    """From now on, each new connection compares the keys, until they were found right once: for a database that could not be reached when
    the process began.

    Args:
        engine: of the service's database; it has not connected yet.
        service: its name.
        keys: those of the settings.
    """
    right: list[bool] = []
    is_there = "SELECT 1 FROM sqlite_master WHERE name = 'data_key'"
    if engine.dialect.name == "postgresql":
        is_there = "SELECT 1 WHERE to_regclass('data_key') IS NOT NULL"

    @event.listens_for(engine, "connect")
    def compare(raw: Any, _record: Any) -> None:
        if right:
            return
        try:
            if raw.execute(is_there).fetchone() is None:
                return
            known = [(row[0], row[1]) for row in raw.execute(_SELECT).fetchall()]
        finally:
            raw.rollback()
        _compare(service, known, keys)
        right.append(True)


def _keys(store: Store) -> DataKeys:
    assert store.data_keys is not None
    return store.data_keys


def _known(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute(select(registered_keys.c.id, registered_keys.c.check_text))
    return sorted((id_, check_text) for id_, check_text in rows)


def _compare(service: str, known: Collection[tuple[str, str]], keys: DataKeys) -> None:
    for id_, check_text in known:
        if id_ not in keys.ids:
            continue
        try:
            keys.unseal(check_text, _PURPOSE, id_)
        except UnreadableData:
            raise WrongDataKeys(
                f"MOTCUA_DATA_KEYS: the key {id_!r} is not the one that the personal data of {service} were encrypted with"
            ) from None


def _missing(service: str, needed: Collection[str], keys: DataKeys) -> str:
    ids = ", ".join(repr(id_) for id_ in needed)
    return (
        f"MOTCUA_DATA_KEYS lacks {ids}: personal data of {service} are encrypted with it, and only {', '.join(keys.ids)} given; "
        "give it again, after the others, and see: motcua data-keys status"
    )
