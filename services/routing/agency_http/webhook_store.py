"""The tables of webhooks, their attempts and what they send next, with their statements. All times are real time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    insert,
    or_,
    select,
    update,
)

from services.routing.agency_http.domain import EventState
from services.routing.agency_http.store import AgencyEvent, agency_events, earlier_waits
from services.routing.database import metadata
from services.routing.plugins.store import agency_services
from services.routing.plugins.ways import Way
from shared.persistence.sql import BigId, Moment, Upsert

agency_attempts = Table(
    "agency_attempt",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("event", BigId, ForeignKey("agency_event.number"), nullable=False, index=True),
    Column("at", Moment, nullable=False, index=True),
    Column("status", Integer),
    Column("error", String(50), nullable=False),
    Column("milliseconds", Integer, nullable=False),
)
agency_subscriptions = Table(
    "agency_subscription",
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("url", String(500), nullable=False),
    Column("secret", Text, nullable=False),  # sealed
    Column("old_secret", Text),
    Column("old_secret_until", Moment),
    Column("allow_private", Boolean, nullable=False),
    Column("failing_since", Moment),
    Column("disabled_at", Moment),
    Column("disabled_because", String(20)),
)

_E, _S, _P, _A = agency_events.c, agency_subscriptions.c, agency_services.c, agency_attempts.c
_ADD_ATTEMPT = insert(agency_attempts)
_SAVE = Upsert(
    agency_subscriptions,
    lambda row: row.on_conflict_do_update(
        index_elements=[_S.agency],
        set_={column.name: row.excluded[column.name] for column in _S if column.name != "agency"},
    ),
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A row of `agency_subscription`: where an agency's webhook is. The secrets are sealed."""

    agency: str
    url: str
    secret: str
    old_secret: str | None
    old_secret_until: datetime | None
    allow_private: bool
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of a webhook, with the event that it was to deliver."""

    event_id: str
    type: str
    key: str
    at: datetime
    status: int | None
    error: str
    milliseconds: int


def due(connection: Connection, now: datetime, busy: Collection[str], limit: int) -> Sequence[tuple[int, str]]:
    """Number and agency of the events that may be sent to webhooks now, those due longest first.

    Args:
        connection: any.
        now: real time.
        busy: agencies to which enough is being sent.
        limit: so many at most.
    """
    enabled = select(_S.agency).join(agency_services, _P.agency == _S.agency)
    enabled = enabled.where(_S.disabled_at.is_(None), _P.until.is_(None), _P.way == Way.WEBHOOK)
    statement = (
        select(_E.number, _E.agency)
        .where(_E.state == EventState.WAITING, _E.next_at <= now, _not_leased(now), ~earlier_waits())
        .where(_E.agency.in_(enabled), _E.agency.not_in(sorted(busy)))
        .order_by(_E.next_at, _E.number)
        .limit(limit)
    )
    return [(number, agency) for number, agency in connection.execute(statement)]


def claim(connection: Connection, number: int, now: datetime, until: datetime) -> AgencyEvent | None:
    """Takes an event for one attempt; None when another worker has it, or it has ended."""
    statement = (
        update(agency_events)
        .where(_E.number == number, _E.state == EventState.WAITING, _not_leased(now))
        .values(leased_until=until, attempts=_E.attempts + 1)
        .returning(*_E)
    )
    row = connection.execute(statement).first()
    return None if row is None else AgencyEvent(*row)


def end(connection: Connection, number: int, state: EventState, at: datetime) -> bool:
    """Ends an event; False when it has ended before."""
    where = (_E.number == number, _E.state == EventState.WAITING)
    values = {"state": state, "ended_at": at, "leased_until": None}
    return connection.execute(update(agency_events).where(*where).values(values)).rowcount == 1


def wait_for_next(connection: Connection, claimed: AgencyEvent, failing_since: datetime, next_at: datetime) -> bool:
    """Lets an event wait for its next attempt; False when another worker has claimed it since, because the lease was over."""
    where = (_E.number == claimed.number, _E.state == EventState.WAITING, _E.attempts == claimed.attempts)
    values = {"failing_since": failing_since, "next_at": next_at, "leased_until": None}
    return connection.execute(update(agency_events).where(*where).values(values)).rowcount == 1


def make_due(connection: Connection, agency: str, at: datetime) -> int:
    """Sends all that waits for an agency at once, and counts its failures anew; returns how much."""
    where = (_E.agency == agency, _E.state == EventState.WAITING)
    return connection.execute(update(agency_events).where(*where).values(next_at=at, failing_since=None)).rowcount


def wait_again(connection: Connection, agency: str, at: datetime) -> int:
    """Lets an agency's events that were given up wait again; returns how many."""
    where = (_E.agency == agency, _E.state == EventState.GIVEN_UP)
    values = {"state": EventState.WAITING, "ended_at": None, "next_at": at, "failing_since": None}
    return connection.execute(update(agency_events).where(*where).values(values)).rowcount


def add_attempt(
    connection: Connection, number: int, at: datetime, status: int | None, error: str, milliseconds: int
) -> None:
    """Writes what came of one call."""
    row = {"event": number, "at": at, "status": status, "error": error, "milliseconds": milliseconds}
    connection.execute(_ADD_ATTEMPT, row)


def last_attempts(connection: Connection, agency: str, limit: int) -> list[Attempt]:
    """The last calls of an agency's webhook, the newest first."""
    statement = (
        select(_E.event_id, _E.type, _E.key, _A.at, _A.status, _A.error, _A.milliseconds)
        .join(agency_events, _E.number == _A.event)
        .where(_E.agency == agency)
        .order_by(_A.id.desc())
        .limit(limit)
    )
    return [Attempt(*row) for row in connection.execute(statement)]


def subscription_of(connection: Connection, agency: str) -> Subscription | None:
    """An agency's webhook; None without one."""
    row = connection.execute(select(*_S).where(_S.agency == agency)).first()
    return None if row is None else Subscription(*row)


def save(connection: Connection, subscription: Subscription) -> None:
    """Writes an agency's webhook in the place of the one before."""
    values = {name: getattr(subscription, name) for name in Subscription.__slots__}
    connection.execute(_SAVE.on(connection), values)


def note_success(connection: Connection, agency: str) -> None:
    """Notes that something has arrived at a webhook."""
    where = (_S.agency == agency, _S.failing_since.is_not(None))
    connection.execute(update(agency_subscriptions).where(*where).values(failing_since=None))


def note_failure(connection: Connection, agency: str, at: datetime) -> datetime:
    """Notes a failure; returns since when everything fails at this webhook."""
    where = (_S.agency == agency, _S.failing_since.is_(None))
    connection.execute(update(agency_subscriptions).where(*where).values(failing_since=at))
    since: datetime | None = connection.execute(select(_S.failing_since).where(_S.agency == agency)).scalar()
    return since or at


def disable(connection: Connection, agency: str, because: str, at: datetime) -> bool:
    """Sends nothing more to a webhook; False when that was so before."""
    where = (_S.agency == agency, _S.disabled_at.is_(None))
    values = {"disabled_at": at, "disabled_because": because}
    return connection.execute(update(agency_subscriptions).where(*where).values(values)).rowcount == 1


def _not_leased(now: datetime) -> ColumnElement[bool]:
    return or_(_E.leased_until.is_(None), _E.leased_until < now)
