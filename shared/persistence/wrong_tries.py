"""Wrong tries at something secret, counted for what they were at and for the address that they came from: nobody guesses for long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, case, delete, select

from shared.persistence.sql import Moment, insert
from shared.persistence.store import Store
from shared.runtime.keyed_hash import keyed_hash

WINDOW = timedelta(minutes=15)
"""In which tries are counted together, real time."""
MAX_FAILURES_OF_ADDRESS = 30
"""Wrong tries per address and window; a whole office or mobile network may share an address."""


class TooManyTries(Exception):
    """There were too many wrong tries for this code, or from this address.

    Args:
        seconds: until the window is over.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


class WrongTries:
    """The table of wrong tries of a service, and how they are counted.

    Args:
        name: of the table.
        metadata: of the service.
    """

    def __init__(self, name: str, metadata: MetaData) -> None:
        self.table = Table(
            name,  # wrong tries in the window that began at `since` (real time)
            metadata,
            Column("of", String(80), primary_key=True),  # a code, or the keyed hash of an address
            Column("failures", Integer, nullable=False),
            Column("since", Moment, nullable=False, index=True),
        )

    def count(self, store: Store, address: str, hash_key: str, further: Sequence[tuple[str, int]] = ()) -> None:
        """Counts a wrong try in a transaction of its own.

        Args:
            store: of the service.
            address: of the caller, see :func:`shared.web.client_address.client_address`; only its hash is stored.
            hash_key: the platform's.
            further: what else it counts for, such as a code whether or not it exists, and the most tries at it in a window.

        Raises:
            TooManyTries: this try is above a limit.
        """
        now = store.clock.wall()
        counted = [(f"address:{keyed_hash(hash_key, 'address', address)}", MAX_FAILURES_OF_ADDRESS), *further]
        # a flood costs no writes: what is above the limit need not be counted further
        with store.read() as connection:
            for of, limit in counted:
                _check(self.of(connection, of), limit - 1, now)
        found = store.run(lambda unit: [self.add(unit.connection, of, now, now - WINDOW) for of, _ in counted])
        for number, (_, limit) in zip(found, counted, strict=True):
            _check(number, limit, now)

    def of(self, connection: Connection, of: str) -> tuple[int, datetime] | None:
        """Number of wrong tries, and since when (real time); None when there was none."""
        columns = self.table.c
        row = connection.execute(select(columns.failures, columns.since).where(columns.of == of)).first()
        return None if row is None else (row.failures, row.since)

    def add(self, connection: Connection, of: str, now: datetime, window_start: datetime) -> tuple[int, datetime]:
        """Counts a wrong try; returns the number in the present window, this one included, and when the window began.

        One statement: of any number of simultaneous tries, each gets a number of its own.

        Args:
            connection: inside a transaction for writing.
            of: a code, whether or not it exists, or the hash of an address.
            now: real time.
            window_start: a window that began earlier is over, and a new one begins now.
        """
        table = self.table
        over = table.c.since <= window_start
        statement = insert(table, connection).values(of=of, failures=1, since=now)
        statement = statement.on_conflict_do_update(
            index_elements=[table.c.of],
            set_={
                "failures": case((over, 1), else_=table.c.failures + 1),
                "since": case((over, now), else_=table.c.since),
            },
        ).returning(table.c.failures, table.c.since)
        row = connection.execute(statement).one()
        return int(row.failures), row.since

    def delete_old(self, store: Store) -> int:
        """Deletes the counts whose window is over, since what does not exist is counted too; returns how many."""
        before, table = store.clock.wall() - WINDOW, self.table
        return store.run(lambda work: work.connection.execute(delete(table).where(table.c.since < before)).rowcount)


def _check(found: tuple[int, datetime] | None, limit: int, now: datetime) -> None:
    if found is not None and found[0] > limit and found[1] > now - WINDOW:
        raise TooManyTries(max(1, int((found[1] + WINDOW - now).total_seconds())))
