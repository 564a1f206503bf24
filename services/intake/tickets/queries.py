"""What is read of tickets: who waits, the last calls, the counters, the numbers of the day, how long one will wait."""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean

from sqlalchemy import Connection

from services.intake.tickets import store
from services.intake.tickets.announcements import seconds_at_counter, seconds_waited
from services.intake.tickets.domain import Ticket, calling_order, local_day
from services.intake.tickets.estimate import Estimate, Observed, estimate_wait
from services.intake.tickets.groups import DeskServices
from services.intake.tickets.states import AT_COUNTER, ENDED, CounterState, State

MOST_CALLS = 50


@dataclass(frozen=True, slots=True)
class CounterNow:
    """A counter as it is today.

    Attributes:
        number: of the counter.
        groups: codes of the groups that it serves.
        state: what it does.
        clerk: subject of who sits there; empty while it is closed.
        since: when that began; None if nobody has sat there today.
        ticket: of who is called or served there; None for nobody.
    """

    number: int
    groups: frozenset[str]
    state: CounterState
    clerk: str
    since: datetime | None
    ticket: Ticket | None


@dataclass(frozen=True, slots=True)
class DayNumbers:
    """The numbers of a desk, a group, a counter or a clerk on a day.

    Attributes:
        issued: visitors who took a number; who was transferred counts once.
        waiting: who wait now and are here.
        at_counter: who are called or served now.
        served, missed, transferred, cancelled: how it ended.
        wait_minutes: mean wait until the call, of those who were called; None for nobody.
        service_minutes: mean time to serve; None for nobody.
    """

    issued: int
    waiting: int
    at_counter: int
    served: int
    missed: int
    transferred: int
    cancelled: int
    wait_minutes: float | None
    service_minutes: float | None


def board_version(connection: Connection, desk: str, now: datetime) -> str:
    """Changes whenever what a desk's boards show changes, and with the day; cheap, for an ETag."""
    return f"{local_day(now):%Y%m%d}.{store.version(connection, desk)}"


def waiting(connection: Connection, desk: str, now: datetime) -> Sequence[Ticket]:
    """Who is here and waits, in the order in which they are called."""
    return calling_order(store.waiting(connection, desk, local_day(now)), now)


def recent_calls(connection: Connection, desk: str, now: datetime, limit: int) -> Sequence[Ticket]:
    """The last calls of today, the latest first; calling again counts."""
    called = [one for one in store.of_day(connection, desk, local_day(now)) if one.called_at is not None]
    return sorted(called, key=_last_call, reverse=True)[: min(limit, MOST_CALLS)]


def counters(connection: Connection, services: DeskServices, now: datetime) -> Sequence[CounterNow]:
    """All counters of a desk as they are now."""
    today = local_day(now)
    present = {one.id: one for one in store.of_day(connection, services.desk, today, *AT_COUNTER)}
    sessions = {one.counter: one for one in store.counter_sessions(connection, services.desk)}
    found = []
    for counter in services.counters:
        session = sessions.get(counter.number)
        if session is None or local_day(session.since) != today:
            found.append(CounterNow(counter.number, counter.groups, CounterState.CLOSED, "", None, None))
            continue
        closed = session.state is CounterState.CLOSED
        ticket = present.get(session.ticket_id or "")
        clerk = "" if closed else session.clerk
        found.append(CounterNow(counter.number, counter.groups, session.state, clerk, session.since, ticket))
    return found


def day_numbers(tickets: Iterable[Ticket]) -> DayNumbers:
    """The numbers of some tickets of a day."""
    every = list(tickets)
    states = Count(one.state for one in every)
    waits = [seconds_waited(one) for one in every if one.called_at is not None]
    services = [seconds for one in every if (seconds := _served_seconds(one)) is not None]
    return DayNumbers(
        issued=sum(1 for one in every if not one.transferred_from),
        waiting=sum(1 for one in every if one.state is State.ISSUED and one.arrived_at is not None),
        at_counter=states[State.CALLED] + states[State.SERVING],
        served=states[State.SERVED],
        missed=states[State.MISSED],
        transferred=states[State.TRANSFERRED],
        cancelled=states[State.CANCELLED],
        wait_minutes=fmean(waits) / 60 if waits else None,
        service_minutes=fmean(services) / 60 if services else None,
    )


def numbers_of_desk(connection: Connection, desk: str, day: date) -> DayNumbers:
    """The numbers of a desk on a day."""
    return day_numbers(store.of_day(connection, desk, day))


def numbers_by_group(connection: Connection, services: DeskServices, day: date) -> Mapping[str, DayNumbers]:
    """The numbers of each group of a desk on a day, in order of the groups; who was transferred counts where they took the number."""
    every = store.of_day(connection, services.desk, day)
    return {group.code: day_numbers(one for one in every if one.group == group.code) for group in services.groups}


def wait_estimate(connection: Connection, services: DeskServices, group: str, now: datetime) -> Estimate | None:
    """How long somebody will wait who takes a number of a group now; None where too little is known."""
    return wait_estimates(connection, services, now)[group]


def wait_estimates(connection: Connection, services: DeskServices, now: datetime) -> Mapping[str, Estimate | None]:
    """The same of each group of a desk."""
    ahead = Count(one.group for one in store.waiting(connection, services.desk, local_day(now)))
    return _estimates(connection, services, now, ahead)


def _estimates(
    connection: Connection, services: DeskServices, now: datetime, ahead: Mapping[str, int]
) -> Mapping[str, Estimate | None]:
    every = store.of_day(connection, services.desk, local_day(now), *ENDED)
    opened = [one for one in counters(connection, services, now) if one.state is CounterState.OPEN]
    observed = observed_times(every, now - timedelta(hours=services.estimate.hours))
    groups = [one.groups for one in opened]
    return {
        group.code: estimate_wait(
            group.code,
            ahead,
            groups,
            sum(1 for one in opened if group.code in one.groups and one.ticket is not None),
            observed,
            services.estimate,
        )
        for group in services.groups
    }


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visitor stands in their line.

    Attributes:
        ahead: how many are called before them, as the line is now.
        estimate: how long they will wait; None where too little is known.
    """

    ahead: int
    estimate: Estimate | None


def place_in_line(connection: Connection, services: DeskServices, ticket: Ticket, now: datetime) -> Place | None:
    """Where a visitor stands; None for one who does not wait."""
    line = list(waiting(connection, services.desk, now))
    if ticket.id not in {one.id for one in line}:
        return None
    before = line[: next(place for place, one in enumerate(line) if one.id == ticket.id)]
    ahead = Count(one.group for one in before)
    estimates = _estimates(connection, services, now, ahead)
    return Place(ahead[ticket.group], estimates[ticket.group])


def observed_times(tickets: Iterable[Ticket], since: datetime) -> Observed:
    """How long visitors kept a counter who left it since a moment: from the call to the end, also of those who did not come."""
    seconds: dict[str, list[float]] = {}
    for one in tickets:
        if one.called_at is not None and one.ended_at is not None and one.ended_at >= max(since, one.called_at):
            seconds.setdefault(one.group, []).append((one.ended_at - one.called_at).total_seconds())
    return Observed(seconds)


def _served_seconds(ticket: Ticket) -> int | None:
    return seconds_at_counter(ticket) if ticket.state is State.SERVED else None


def _last_call(ticket: Ticket) -> datetime:
    assert ticket.called_at is not None
    return ticket.recalled_at or ticket.called_at
