"""A replay: each step writes some events to the outbox, for one subscriber alone, and how far it has come, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

import orjson

from services.stats.archive import store
from services.stats.archive.domain import Batch, month_of
from services.stats.archive.queries import ArchiveReader
from services.stats.archive.replay.spool import Spool
from shared.messaging import outbox
from shared.messaging.event import Event
from shared.messaging.hints import OUTBOX
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork

STEP = 500
MOST_WAITING = 2000
"""Rows of the replay in the outbox, from which on it waits: what stats itself publishes must not wait behind a year."""
ROOM_SECONDS = 0.05
REMEMBERED = timedelta(days=390)
"""How long a subscriber surely knows what it has applied (its inbox keeps 400 days)."""


class Unfinished(ValueError):
    """An earlier replay to the subscriber has not ended."""


class NoReplay(ValueError):
    """There is no replay of this number, or it has ended."""


class MayRepeat(ValueError):
    """A subscriber that has applied the events may have forgotten that: it would apply them again."""


class AnotherProcess(RuntimeError):
    """Another process sends the same replay."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How far a replay has come.

    Attributes:
        events: sent in all.
        month: in which it stands.
        waiting: whether the relay must first publish what waits.
    """

    events: int
    month: str
    waiting: bool = False


def start(
    stats: Store, subscriber: str, since: datetime | None, until: datetime | None, types: Collection[str], *, new: bool
) -> int:
    """Writes down a replay; returns its number.

    Args:
        stats: the store of the archive.
        subscriber: the service that gets the events.
        since, until: when they arrived, from the first on and before the second; None for all, and for until now.
        types: full types.
        new: whether the subscriber has never applied any of them.

    Raises:
        Unfinished, MayRepeat: see there.
    """

    def work(unit: UnitOfWork) -> int:
        if unfinished := store.unfinished_replays(unit.connection, subscriber):
            raise Unfinished(f"replay {unfinished[0].id} to {subscriber} has not ended")
        first = since or store.first_arrival(unit.connection)
        if not new and first is not None and first < unit.now - REMEMBERED:
            raise MayRepeat(
                f"{subscriber} may have forgotten that it has applied events of more than {REMEMBERED.days} days ago"
            )
        row = {
            "subscriber": subscriber,
            "since": since,
            "until": until,
            "types": orjson.dumps(sorted(types)).decode(),
            "last_batch": store.head(unit.connection).batches,
            "month": month_of(since) if since else "",
            "sent_of_month": 0,
            "sent": 0,
            "started_at": unit.now,
            "finished_at": None,
        }
        return store.start_replay(unit.connection, row)

    return stats.run(work)


def drop(stats: Store, number: int) -> None:
    """Ends a replay; what was sent stays sent.

    Raises:
        NoReplay: see there.
    """

    def work(unit: UnitOfWork) -> None:
        _unfinished(unit.connection, number)
        store.finish_replay(unit.connection, number, unit.now)

    stats.run(work)


def send(stats: Store, number: int, report: Callable[[Sent], None], sleep: Callable[[float], None] = time.sleep) -> int:
    """Sends a replay from where it stands to its end; returns how many events it has sent in all.

    Args:
        stats: the store of the archive; its relay must be running, in whichever process.
        number: of the replay.
        report: called after each step, and while it waits for the relay.
        sleep: waits for some seconds.

    Raises:
        NoReplay, AnotherProcess: see there.
    """
    with stats.read() as connection:
        replay = _unfinished(connection, number)
        months = [month for month in store.archived_months(connection) if month >= replay.month]
    sent = replay.sent
    for month in months:
        with closing(Spool(_events(stats, replay, month))) as spool:
            of_month = replay.sent_of_month if month == replay.month else 0
            rows = spool.rows(of_month)
            while part := list(islice(rows, STEP)):
                _wait_for_room(stats, replay.subscriber, Sent(sent, month, waiting=True), report, sleep)
                of_month += len(part)
                stats.run(partial(_write, replay=replay, sent=sent, month=month, of_month=of_month, part=part))
                sent += len(part)
                report(Sent(sent, month))
    stats.run(lambda unit: store.finish_replay(unit.connection, number, unit.now))
    return int(sent)


def _write(unit: UnitOfWork, replay: Any, sent: int, month: str, of_month: int, part: list[dict[str, object]]) -> None:
    values = {"sent": sent + len(part), "month": month, "sent_of_month": of_month}
    if not store.move_replay(unit.connection, replay.id, sent, values):
        raise AnotherProcess(f"another process sends replay {replay.id}")
    outbox.write_direct(unit.connection, replay.subscriber, part, unit.clock.wall())
    unit.hint(OUTBOX)


def _wait_for_room(
    stats: Store, subscriber: str, state: Sent, report: Callable[[Sent], None], sleep: Callable[[float], None]
) -> None:
    while True:
        with stats.read() as connection:
            if outbox.waiting_for(connection, subscriber) < MOST_WAITING:
                return
        report(state)
        sleep(ROOM_SECONDS)


def _events(stats: Store, replay: Any, month: str) -> Iterator[Event]:
    """The events of a month that are sent, in order of arrival."""
    types = frozenset(orjson.loads(replay.types))
    for batch in _batches(stats, month, replay.last_batch):
        if (replay.since or batch.at) <= batch.at and (replay.until is None or batch.at < replay.until):
            for event in map(Event.from_json, batch.events):
                if event.type in types:
                    yield event


def _batches(stats: Store, month: str, last: int) -> Iterator[Batch]:
    reader = ArchiveReader()
    with stats.read() as connection:
        after = store.first_of_month(connection, month) - 1
    while True:
        with stats.read() as connection:  # one for each page: a replay takes hours
            page = reader.page(connection, after)
        for batch in page:
            if batch.month != month or batch.number > last:
                return
            yield batch
        if not page:
            return
        after = page[-1].number


def _unfinished(connection: Any, number: int) -> Any:
    replay = store.find_replay(connection, number)
    if replay is None or replay.finished_at is not None:
        raise NoReplay(f"there is no replay {number} that has not ended")
    return replay
