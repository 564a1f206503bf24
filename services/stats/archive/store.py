"""The tables of the archive, and their statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)

from services.stats.archive.domain import GENESIS, Batch, Segment, Unreadable, pack_events, unpack_events
from services.stats.database import metadata
from shared.persistence.sql import BigId, Moment
from shared.runtime.clock import VIETNAM

heads = Table(
    "archive_head",  # one row: where the archive ends; locked as the last action of a transaction that adds to it
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("batches", BigInteger, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("month", String(7), nullable=False),
    Column("link", String(64), nullable=False),
    Column("segments", BigInteger, nullable=False),
    Column("seal", String(64), nullable=False),
)

batches = Table(
    "archive_batch",  # open: not yet sealed
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("month", String(7), nullable=False),
    Column("at", Moment, nullable=False),
    Column("first_event", BigInteger, nullable=False),
    Column("events", Integer, nullable=False),
    Column("size", Integer, nullable=False),  # bytes of the events as published
    Column("packed", LargeBinary, nullable=False),
    Column("link", String(64), nullable=False),
)

segments = Table(
    "archive_segment",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("month", String(7), nullable=False),
    Column("first_batch", BigInteger, nullable=False),
    Column("last_batch", BigInteger, nullable=False),
    Column("first_event", BigInteger, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes of the events as published
    Column("link_before", String(64), nullable=False),
    Column("link_after", String(64), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("sealed_at", Moment, nullable=False),
    Column("seal_before", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("ix_archive_segment_last_batch", "last_batch"),
)

replays = Table(
    "archive_replay",  # a period that is sent to one subscriber, and how far it has come
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("subscriber", String(50), nullable=False),
    Column("since", Moment),
    Column("until", Moment),
    Column("types", Text, nullable=False),  # JSON
    Column("last_batch", BigInteger, nullable=False),  # what is archived later is not sent
    Column("month", String(7), nullable=False),  # in which it stands
    Column("sent_of_month", BigInteger, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the archive ends.

    Attributes:
        batches, events: how many there were ever, sealed or not.
        month: of the last batch; empty if there is none.
        link: of the last batch.
        segments: how many there are.
        seal: of the last segment.
    """

    batches: int
    events: int
    month: str
    link: str
    segments: int
    seal: str


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that is not sealed yet, as it is stored.

    Attributes:
        batch: its content.
        link: as it was stored.
        events, size: how many events it has, and their bytes as published, as the row says.
    """

    batch: Batch
    link: str
    events: int
    size: int


_HEAD = select(*(column for column in heads.c if column.name != "id")).where(heads.c.id == 1)
_LOCKED_HEAD = _HEAD.with_for_update()
_MOVE = update(heads).where(heads.c.id == 1)
_SEGMENT = select(*(segments.c[name] for name in Segment.__slots__), segments.c.seal).order_by(segments.c.number)
_CONTENT = select(segments.c.content).where(segments.c.number == bindparam("wanted"))
_CONTAINING = _SEGMENT.where(segments.c.last_batch >= bindparam("batch")).limit(1)
_OPEN = select(batches).order_by(batches.c.number)
_OPEN_FROM = _OPEN.where(batches.c.number >= bindparam("first")).limit(bindparam("most"))


def head(connection: Connection, *, lock: bool = False) -> Head:
    """Where the archive ends.

    Args:
        connection: inside a transaction.
        lock: whether nobody else may add to the archive until the transaction ends.
    """
    return Head(*connection.execute(_LOCKED_HEAD if lock else _HEAD).one())


def add_batch(connection: Connection, batch: Batch, link: str) -> None:
    """Adds a batch at the end, in a transaction that has locked the head."""
    row = {
        "number": batch.number,
        "month": batch.month,
        "at": batch.at,
        "first_event": batch.first_event,
        "events": len(batch.events),
        "size": batch.size,
        "packed": pack_events(batch.events),
        "link": link,
    }
    connection.execute(batches.insert(), row)
    moved = {"batches": batch.number, "events": batch.first_event - 1 + len(batch.events), "month": batch.month}
    connection.execute(_MOVE, moved | {"link": link})


def open_batches(connection: Connection, first: int, most: int) -> list[OpenBatch]:
    """Batches that are not sealed yet, in order.

    Args:
        connection: inside a transaction.
        first: the least number.
        most: how many at most.

    Raises:
        services.stats.archive.domain.Unreadable: a stored batch was changed.
    """
    return [_open(row) for row in connection.execute(_OPEN_FROM, {"first": first, "most": most})]


def _open(row: Any) -> OpenBatch:
    try:
        events = unpack_events(row.packed)
    except Unreadable as error:
        raise Unreadable(f"batch {row.number}: {error}") from error
    return OpenBatch(Batch(row.number, row.month, row.at, row.first_event, events), row.link, row.events, row.size)


def first_open(connection: Connection) -> tuple[int, str] | None:
    """Number and month of the oldest batch that is not sealed; None if there is none."""
    row = connection.execute(select(batches.c.number, batches.c.month).order_by(batches.c.number).limit(1)).first()
    return None if row is None else (row.number, row.month)


def sizes_of_month(connection: Connection, month: str, most: int) -> list[tuple[int, int]]:
    """Number and size of open batches of a month, in order."""
    statement = select(batches.c.number, batches.c.size).where(batches.c.month == month)
    return [(number, size) for number, size in connection.execute(statement.order_by(batches.c.number).limit(most))]


def add_segment(connection: Connection, segment: Segment, content: bytes) -> int:
    """Adds a segment in the place of its batches, in a transaction that has locked the head; returns how many batches there were."""
    row = {name: getattr(segment, name) for name in Segment.__slots__}
    connection.execute(segments.insert(), row | {"seal": segment.seal, "content": content})
    connection.execute(_MOVE, {"segments": segment.number, "seal": segment.seal})
    sealed = batches.c.number.between(segment.first_batch, segment.last_batch)
    return int(connection.execute(delete(batches).where(sealed)).rowcount)


def all_segments(connection: Connection) -> list[tuple[Segment, str]]:
    """All segments without their content, in order, each with the seal that was stored."""
    return [_segment(row) for row in connection.execute(_SEGMENT)]


def last_link(connection: Connection) -> str:
    """The link of the last batch that is sealed, or :data:`~services.stats.archive.domain.GENESIS`."""
    statement = select(segments.c.link_after).order_by(segments.c.number.desc()).limit(1)
    return str(connection.execute(statement).scalar() or GENESIS)


def segment_with(connection: Connection, batch: int) -> Segment | None:
    """The segment in which a batch is sealed; None if it is open, or does not exist."""
    row = connection.execute(_CONTAINING, {"batch": batch}).first()
    return None if row is None else _segment(row)[0]


def content_of(connection: Connection, number: int) -> bytes:
    """The compressed text of a segment."""
    return bytes(connection.execute(_CONTENT, {"wanted": number}).scalar_one())


def _segment(row: Any) -> tuple[Segment, str]:
    *values, seal = row
    return Segment(*values), seal


def months(connection: Connection) -> list[tuple[str, int, int, int, bool]]:
    """What is archived of each month and whether it is sealed: month, segments or batches, events, bytes as published."""
    found = []
    for table, sealed in ((segments, True), (batches, False)):
        columns = table.c
        statement = select(columns.month, func.count(), func.sum(columns.events), func.sum(columns.size))
        rows = connection.execute(statement.group_by(columns.month).order_by(columns.month))
        found += [(month, count, int(events), int(size), sealed) for month, count, events, size in rows]
    return found


def archived_months(connection: Connection) -> list[str]:
    """All months of which something is archived, in order."""
    return sorted({month for month, *_ in months(connection)})


def first_of_month(connection: Connection, month: str) -> int:
    """The number of the first batch of a month of which something is archived."""
    sealed = select(func.min(segments.c.first_batch)).where(segments.c.month == month)
    opened = select(func.min(batches.c.number)).where(batches.c.month == month)
    found = [connection.execute(statement).scalar_one() for statement in (sealed, opened)]
    return min(int(number) for number in found if number is not None)


def first_arrival(connection: Connection) -> datetime | None:
    """The first moment of the month in which the first event arrived; None if nothing is archived."""
    found = archived_months(connection)
    return datetime.fromisoformat(f"{found[0]}-01").replace(tzinfo=VIETNAM) if found else None


def start_replay(connection: Connection, row: dict[str, Any]) -> int:
    """Writes down a new replay; returns its number."""
    return int(connection.execute(replays.insert().returning(replays.c.id), row).scalar_one())


def find_replay(connection: Connection, number: int) -> Any:
    """A replay; None if there is none of this number."""
    return connection.execute(select(replays).where(replays.c.id == number)).first()


def unfinished_replays(connection: Connection, subscriber: str) -> Sequence[Any]:
    """Replays to a subscriber that have not ended."""
    statement = select(replays).where(replays.c.subscriber == subscriber, replays.c.finished_at.is_(None))
    return connection.execute(statement.order_by(replays.c.id)).all()


def move_replay(connection: Connection, number: int, sent_before: int, values: dict[str, Any]) -> bool:
    """Records how far a replay has come; false if another process has moved it."""
    here = (replays.c.id == number, replays.c.sent == sent_before)
    return connection.execute(update(replays).where(*here).values(**values)).rowcount == 1


def finish_replay(connection: Connection, number: int, at: datetime) -> None:
    """Records that everything was sent."""
    connection.execute(update(replays).where(replays.c.id == number).values(finished_at=at))


TABLES: Iterable[Table] = (heads, batches, segments, replays)
"""All tables of the archive."""
