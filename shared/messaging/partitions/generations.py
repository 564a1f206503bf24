"""The generations of a service's queues, in its own database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from shared.messaging.tables import queue_generations
from shared.messaging.topology import Generation
from shared.persistence.sql import insert

MOST_PARTITIONS = 64
_G = queue_generations.c
_ALL = select(_G.number, _G.partitions, _G.drained, _G.routed).order_by(_G.number)


@dataclass(frozen=True)
class Generations:
    """All generations that still matter, oldest first; at least one.

    Attributes:
        rows: the generations.
    """

    rows: tuple[Generation, ...]

    @property
    def consumed(self) -> Generation:
        """The one that workers consume."""
        return next(row for row in self.rows if not row.drained)

    @property
    def newest(self) -> Generation:
        """The one that gets the events."""
        return self.rows[-1]

    @property
    def changing(self) -> bool:
        """Whether events go to another one than is consumed."""
        return self.consumed != self.newest

    @property
    def settled(self) -> bool:
        """Whether there is nothing left to do."""
        return len(self.rows) == 1


class ChangeUnderWay(RuntimeError):
    """Another change of the number of partitions has not ended yet.

    Attributes:
        partitions: what it changes to.
    """

    def __init__(self, partitions: int) -> None:
        super().__init__(f"a change to {partitions} is under way")
        self.partitions = partitions


def read(connection: Connection, service: str) -> Generations:
    """The generations of a service; its one queue if there never was another."""
    rows = connection.execute(_ALL).all()
    return Generations(tuple(Generation(service, *row) for row in rows) or (Generation(service),))


def request(connection: Connection, service: str, partitions: int, at: datetime) -> bool:
    """Writes the next generation, so that workers begin to change; false if there are so many partitions already, or soon.

    Args:
        connection: inside a transaction.
        service: whose database it is.
        partitions: how many queues, 1 to `MOST_PARTITIONS`.
        at: real time.

    Raises:
        ChangeUnderWay: to another number.
    """
    present = read(connection, service)
    if present.newest.partitions == partitions:
        return False
    if present.changing:
        raise ChangeUnderWay(present.newest.partitions)
    if not _add_next(connection, present.newest, present.newest.number + 1, partitions, at):
        raise ChangeUnderWay(read(connection, service).newest.partitions)  # of another operator, in the same moment
    return True


def supersede(connection: Connection, service: str, highest: int, at: datetime) -> None:
    """Begins a generation above all that the broker knows, with as many partitions as the present one.

    A database that was restored from a backup does not know the generations that were made after it.

    Args:
        connection: inside a transaction.
        service: whose database it is.
        highest: the highest number that the broker knows.
        at: real time.
    """
    newest = read(connection, service).newest
    if newest.number < highest:
        _add_next(connection, newest, highest + 1, newest.partitions, at)


def record_routed(connection: Connection, generation: Generation) -> None:
    """Records, before it happens, that events are sent to a generation."""
    this = queue_generations.c.number == generation.number
    connection.execute(update(queue_generations).where(this).values(routed=True))


def abandon(connection: Connection, generation: Generation, at: datetime) -> None:
    """Replaces a generation by another one with as many partitions; does nothing if events may have been sent to it.

    Args:
        connection: inside a transaction.
        generation: the newest one.
        at: real time.
    """
    columns = queue_generations.c
    unused = delete(queue_generations).where(columns.number == generation.number, ~columns.routed)
    if connection.execute(unused.returning(columns.number)).first() is not None:
        _add(connection, generation.number + 1, generation.partitions, False, at)


def finish(connection: Connection, generation: Generation) -> None:
    """Records that everything from a generation is applied."""
    this = queue_generations.c.number == generation.number
    connection.execute(update(queue_generations).where(this).values(drained=True))


def forget(connection: Connection, generation: Generation) -> None:
    """Deletes a drained generation, whose queues are gone."""
    columns = queue_generations.c
    connection.execute(delete(queue_generations).where(columns.number == generation.number, columns.drained))


def _add_next(connection: Connection, present: Generation, number: int, partitions: int, at: datetime) -> bool:
    """Writes a generation, and the present one if it has no row yet; false if another process has just written one."""
    _add(connection, present.number, present.partitions, True, at)
    return _add(connection, number, partitions, False, at)


def _add(connection: Connection, number: int, partitions: int, routed: bool, at: datetime) -> bool:
    """Writes a generation; false if there is one of this number."""
    values = {"number": number, "partitions": partitions, "drained": False, "routed": routed, "requested_at": at}
    statement = insert(queue_generations, connection).values(**values).on_conflict_do_nothing()
    return connection.execute(statement.returning(queue_generations.c.number)).first() is not None
