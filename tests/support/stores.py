"""Stores for tests: the bus tables of a service, and a clock that the test sets."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, Integer, MetaData, String, Table

from shared.messaging import tables
from shared.persistence.store import Store
from shared.runtime.clock import VIETNAM, Clock
from shared.runtime.data_keys import DataKeys

MONDAY = datetime(2025, 11, 3, 8, 0, tzinfo=VIETNAM)
"""A working Monday morning."""

metadata = MetaData()
effects = Table(
    "effect",  # written by handlers of tests: one row for each effect, with the number of times
    metadata,
    Column("event_id", String(100), primary_key=True),
    Column("key", String(100), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("times", Integer, nullable=False),
    Column("place", Integer, nullable=False),
)


class HandClock:
    """A clock that the test sets."""

    def __init__(self, start: datetime = MONDAY) -> None:
        self.seconds = start.timestamp()

    def __call__(self) -> float:
        return self.seconds

    def pass_(self, span: timedelta | float) -> None:
        """Moves the clock forward by a duration or by seconds."""
        self.seconds += span.total_seconds() if isinstance(span, timedelta) else span


DATA_KEYS = DataKeys([("k1", "the keys of personal data in tests"), ("k0", "the keys before those of the tests")])


def bus_store(url: str, service: str, hand: HandClock | None = None) -> Store:
    """A store with the bus tables and the table of effects."""
    store = Store(url, service, Clock(source=hand) if hand else Clock(), pool=6, data_keys=DATA_KEYS)
    tables.metadata.create_all(store.engine)
    metadata.create_all(store.engine)
    store.close()  # a new connection looks whether the database was restored; see shared.persistence.epoch
    return store


def bus_tables(url: str) -> None:
    """Makes the tables of a `bus_store`."""
    bus_store(url, "any").close()
