"""The publisher's side of reconciliation: it closes windows, sends their summaries, and sends again what a subscriber lacks."""

from __future__ import annotations

import logging
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, bindparam, delete, func, select, update

from shared.contracts import REGISTRY
from shared.contracts.base import PLATFORM
from shared.messaging import outbox, published
from shared.messaging.event import new_id
from shared.messaging.published import PublishedEvent
from shared.messaging.reconciliation import messages
from shared.messaging.tables import delivery_windows, published_batches
from shared.persistence.sql import Moment, WithList

log = logging.getLogger(__name__)

MOST_EVENTS = 500
"""Events of a window at most: its summary is then about 60 kB."""
MOST_IN_FLIGHT = 10
"""Windows of one subscriber of which a summary was sent; further ones wait."""
MOST_BATCHES = 200
FIRST_REPEAT = 10.0
LONGEST_REPEAT = 600.0
RECHECK_SECONDS = 2.0
"""After events were sent again: when to send the summary again."""

_B, _W = published_batches.c, delivery_windows.c
_BATCHES = select(_B.id, _B.published_at, _B.positions).order_by(_B.id).limit(MOST_BATCHES)
_TAKE = WithList(lambda among: delete(published_batches).where(among(_B.id, "ids")).returning(_B.positions))
_SUBSCRIBERS = select(_W.subscriber).distinct()
_OLDEST = (
    select(_W.id, _W.positions, _W.attempts, _W.missing, _W.next_attempt_at)
    .where(_W.subscriber == bindparam("of_subscriber"))
    .order_by(_W.published_at, _W.id)
    .limit(MOST_IN_FLIGHT)
)
_SENT = update(delivery_windows).where(_W.id == bindparam("of_id"))
_THIS = (_W.id == bindparam("of_id"), _W.subscriber == bindparam("of_subscriber"))
_FIND = select(_W.positions, _W.attempts).where(*_THIS)
_CONFIRM = delete(delivery_windows).where(*_THIS)
_LACKS = update(delivery_windows).where(*_THIS)
_OPEN = delivery_windows.insert()
_NUMBERS = [
    select(func.count()).select_from(table).scalar_subquery() for table in (delivery_windows, published_batches)
]
_UNSETTLED = select(_NUMBERS[0] + _NUMBERS[1])


@dataclass(frozen=True, slots=True)
class WindowState:
    """What one subscriber has not confirmed.

    Attributes:
        subscriber: its name.
        windows: their number.
        unconfirmed: events in them.
        missing: of these, the events that it said it lacks.
        oldest: when the oldest of them was published.
    """

    subscriber: str
    windows: int
    unconfirmed: int
    missing: int
    oldest: datetime


def subscribers_of(type_: str) -> tuple[str, ...]:
    """The services that subscribe to an event type; none to one that is not known any more."""
    entry = REGISTRY.by_type.get(type_)
    return entry.subscribers if entry else ()


def subscribers_to(service: str) -> frozenset[str]:
    """The services that subscribe to any event of a service."""
    return frozenset(
        name for entry in REGISTRY.by_name.values() if entry.owner in (service, PLATFORM) for name in entry.subscribers
    )


def close_windows(connection: Connection, age: timedelta, at: datetime) -> int:
    """Puts what was published into windows when the oldest of it is of a certain age, or when there is enough of it.

    Args:
        connection: inside a transaction of its own.
        age: real time.
        at: real time.

    Returns:
        how many windows were closed.
    """
    rows = connection.execute(_BATCHES).all()
    events = sum(len(orjson.loads(row.positions)) for row in rows)
    if not rows or (rows[0].published_at > at - age and events < MOST_EVENTS):
        return 0
    # what this transaction has deleted, and nobody else
    taken = connection.execute(_TAKE.on(connection), {"ids": [row.id for row in rows]}).scalars()
    positions = sorted(position for text in taken for position in orjson.loads(text))
    counts = _open(connection, published.at_positions(connection, positions), None, at)
    return sum(math.ceil(count / MOST_EVENTS) for count in counts.values())


def reopen(
    connection: Connection,
    since: datetime,
    at: datetime,
    subscriber: str = "",
    types: Collection[str] = (),
    dry_run: bool = False,
) -> dict[str, int]:
    """Compares again what was published since a moment, so that subscribers get again what they lack.

    Args:
        connection: inside a transaction.
        since: real time.
        at: real time.
        subscriber: one alone; all by default.
        types: CloudEvents types; all by default.
        dry_run: whether only to count.

    Returns:
        subscriber → number of events that are compared.
    """
    wanted = [
        type_
        for type_, entry in REGISTRY.by_type.items()
        if (not types or type_ in types) and entry.subscribers and (not subscriber or subscriber in entry.subscribers)
    ]
    events = published.since(connection, since, wanted)
    chosen = {subscriber} if subscriber else None
    if dry_run:
        return dict(Counter(name for name, _ in _by_subscriber(events, chosen)))
    return _open(connection, events, chosen, at)


def send_summaries(connection: Connection, service: str, at: datetime) -> int:
    """Sends the summaries that are due; returns how many.

    Of each subscriber only the oldest windows are in flight. A window that it has not answered is repeated only if it is the oldest, so
    that a subscriber that is down for days finds few messages.

    Args:
        connection: inside a transaction of its own.
        service: the publisher.
        at: real time.
    """
    sent = 0
    for subscriber in list(connection.execute(_SUBSCRIBERS).scalars()):
        oldest = connection.execute(_OLDEST, {"of_subscriber": subscriber})
        for place, (id_, positions, attempts, missing, next_attempt_at) in enumerate(oldest):
            if next_attempt_at <= at and (place == 0 or attempts == 0 or missing):
                _send_summary(connection, service, subscriber, (id_, positions, attempts + 1), at)
                sent += 1
    return sent


def _send_summary(
    connection: Connection, service: str, subscriber: str, window: tuple[str, str, int], at: datetime
) -> None:
    id_, positions, attempt = window
    events = published.at_positions(connection, orjson.loads(positions))
    outbox.write_direct(connection, subscriber, [messages.summary(service, id_, attempt, events, at)], at)
    pause = min(FIRST_REPEAT * 2.0 ** min(attempt - 1, 10), LONGEST_REPEAT)
    values = {"attempts": attempt, "next_attempt_at": at + timedelta(seconds=pause)}
    connection.execute(_SENT, {"of_id": id_} | values)


def record_answer(connection: Connection, subscriber: str, answer: messages.Answer, at: datetime) -> int:
    """Records what a subscriber has said of a window; sends again what it lacks.

    Args:
        connection: inside a transaction.
        subscriber: who answered.
        answer: its answer; one to an earlier summary that lacks events is ignored, because they were sent again since.
        at: real time.

    Returns:
        how many events are sent again.
    """
    this = {"of_id": answer.window, "of_subscriber": subscriber}
    row = connection.execute(_FIND, this).first()
    if row is None:
        return 0
    positions: list[int] = orjson.loads(row.positions)
    if not answer.missing:
        connection.execute(_CONFIRM, this)
        _forget_secrets(connection, positions)
        return 0
    if answer.attempt != row.attempts:
        return 0
    lacking = set(answer.missing)
    # only events of the window: what a subscriber may have is decided by its subscriptions, not by what it asks for
    wanted = [event for event in published.at_positions(connection, positions) if event.event_id in lacking]
    rows = published.rows_to_send(connection, [event.position for event in wanted])
    outbox.write_direct(connection, subscriber, rows, at)
    values = {"missing": len(lacking), "next_attempt_at": at + timedelta(seconds=RECHECK_SECONDS)}
    connection.execute(_LACKS, this | values)
    log.warning("%s lacks %d published events (%s); sent again", subscriber, len(lacking), _names(wanted))
    return len(rows)


def states(connection: Connection) -> list[WindowState]:
    """What each subscriber has not confirmed; without those that have confirmed everything."""
    windows = delivery_windows.c
    statement = (
        select(
            windows.subscriber,
            func.count(),
            func.sum(windows.events),
            func.sum(windows.missing),
            func.min(windows.published_at, type_=Moment()),
        )
        .group_by(windows.subscriber)
        .order_by(windows.subscriber)
    )
    return [WindowState(*row) for row in connection.execute(statement)]


def unsettled(connection: Connection) -> int:
    """How many windows are not confirmed, and batches of published events are in none yet; 0 when every subscriber has everything."""
    return int(connection.execute(_UNSETTLED).scalar_one())


def _open(
    connection: Connection, events: Iterable[PublishedEvent], chosen: Collection[str] | None, at: datetime
) -> dict[str, int]:
    """Writes windows, each as soon as it is full, so that no more than one of each subscriber is in memory.

    Returns:
        subscriber → number of its events.
    """
    counts: Counter[str] = Counter()
    open_: dict[str, list[PublishedEvent]] = defaultdict(list)
    for subscriber, event in _by_subscriber(events, chosen):
        counts[subscriber] += 1
        open_[subscriber].append(event)
        if len(open_[subscriber]) == MOST_EVENTS:
            connection.execute(_OPEN, _window(subscriber, open_.pop(subscriber), at))
    rows = [_window(subscriber, found, at) for subscriber, found in sorted(open_.items())]
    if rows:
        connection.execute(_OPEN, rows)
    return dict(counts)


def _window(subscriber: str, events: Sequence[PublishedEvent], at: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "subscriber": subscriber,
        "published_at": min(event.published_at for event in events),
        "positions": orjson.dumps([event.position for event in events]).decode(),
        "events": len(events),
        "missing": 0,
        "attempts": 0,
        "next_attempt_at": at,
    }


def _by_subscriber(
    events: Iterable[PublishedEvent], chosen: Collection[str] | None
) -> Iterator[tuple[str, PublishedEvent]]:
    for event in events:
        for subscriber in subscribers_of(event.type):
            if chosen is None or subscriber in chosen:
                yield subscriber, event


def _forget_secrets(connection: Connection, positions: Sequence[int]) -> None:
    """Deletes events with a secret, which must not be kept longer than it takes to deliver them; they have one subscriber."""
    events = published.at_positions(connection, positions)
    secret = [event for event in events if (entry := REGISTRY.by_type.get(event.type)) and entry.secret]
    published.forget(connection, [event.position for event in secret])


def _names(events: Sequence[PublishedEvent]) -> str:
    return ", ".join(sorted({event.type for event in events})) or "none of them is kept any more"
