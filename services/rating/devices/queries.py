"""What a device's counter does now, whom a rating is about, and how the devices are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select, update

from services.rating.devices import store
from services.rating.devices.domain import Device, Pairing
from services.rating.devices.rules import DeviceRules
from services.rating.devices.store import Counts
from services.rating.devices.turn import Turn, turn_of
from services.rating.officials.domain import Visit
from services.rating.officials.store import find_visit, visits
from shared.agencies import Agencies
from shared.calendar.model import CalendarRangeError
from shared.runtime.clock import VIETNAM, Clock

_V = visits.c


@dataclass(frozen=True, slots=True)
class CounterNow:
    """What a counter does now.

    Attributes:
        tickets: whether it calls numbers; if not, visitors rate without one.
        turn: the visitor who is there, or was just served and has not rated; None for nobody.
    """

    tickets: bool
    turn: Turn | None


def counter_now(connection: Connection, device: Device, now: datetime, rules: DeviceRules) -> CounterNow:
    """What the counter of a device does now.

    Args:
        connection: reads.
        device: the device.
        now: business time.
        rules: how long visitors are asked.
    """
    if device.counter is None:
        return CounterNow(tickets=False, turn=None)
    here = and_(_V.desk == device.desk, _V.counter == device.counter)
    recent = or_(_V.called_at > now - rules.tickets_for, _V.served_at > now - rules.tickets_for)
    newest = func.coalesce(_V.called_at, _V.served_at).desc()
    columns = [_V[name] for name in Visit.__slots__]
    rows = connection.execute(select(*columns).where(here, recent).order_by(newest, _V.ticket_hash).limit(2))
    found = [Visit(*row) for row in rows]
    return CounterNow(bool(found), turn_of(found, now, rules))


def visit_at(connection: Connection, place: Pairing, visit: str) -> Visit | None:
    """A visit to the counter of a device; None for an unknown one and one of another counter."""
    found = find_visit(connection, visit)
    return found if found and (found.desk, found.counter) == (place.desk, place.counter) else None


def mark_rated(connection: Connection, visit: str, at: datetime) -> bool:
    """Notes that a visit was rated; false if it was before. Of the time only the day is kept: nobody shall find the rating by it."""
    day = at.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0)
    first = update(visits).where(_V.ticket_hash == visit, _V.rated_at.is_(None)).values(rated_at=day)
    return connection.execute(first).rowcount > 0


def official_at(connection: Connection, place: Pairing, at: datetime, within: timedelta) -> str | None:
    """Who called visitors to a counter before a moment; None if nobody did so shortly before it.

    Args:
        connection: reads.
        place: where the device stood.
        at: business time.
        within: how long before it the last call may be.
    """
    here = and_(_V.desk == place.desk, _V.counter == place.counter)
    last = select(_V.official).where(here, _V.called_at <= at, _V.called_at > at - within)
    found: str | None = connection.execute(last.order_by(_V.called_at.desc()).limit(1)).scalar_one_or_none()
    return found


@dataclass(frozen=True, slots=True)
class Health:
    """How a device is.

    Attributes:
        device: itself.
        counts: what it has delivered.
        silent: whether it has said nothing for too long.
        expected: whether a code waits for its tablet.
    """

    device: Device
    counts: Counts
    silent: bool
    expected: bool


def health_of(
    connection: Connection, desks: Sequence[str] | None, agencies: Agencies, clock: Clock, rules: DeviceRules
) -> list[Health]:
    """How the devices of some desks are.

    Args:
        connection: reads.
        desks: their codes; None for all.
        agencies: for their working hours.
        clock: the service's.
        rules: when a device is silent.
    """
    found, now, wall = store.of_desks(connection, desks), clock.now(), clock.wall()
    counts = store.counts_of(connection, [one.pairing for one in found if one.pairing])
    return [
        Health(
            one,
            counts.get(one.pairing or "", Counts()),
            is_silent(one, agencies, now, rules),
            expected=one.code_until is not None and one.code_until > wall,
        )
        for one in found
    ]


def is_silent(device: Device, agencies: Agencies, now: datetime, rules: DeviceRules) -> bool:
    """Whether a paired device has said nothing for so much of its desk's working time; at night all are silent."""
    since = device.seen_at or device.paired_at
    if device.pairing is None or since is None or now - since < rules.silent_after:
        return False
    try:
        calendar = agencies.calendar(device.desk, now.astimezone(VIETNAM).date())
        worked = calendar.working_minutes_between(since, now)
    except CalendarRangeError:
        return True
    return timedelta(minutes=worked) >= rules.silent_after
