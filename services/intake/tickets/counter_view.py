"""What the counter's page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.intake.tickets import queries, store
from services.intake.tickets.domain import Ticket, local_day
from services.intake.tickets.groups import DeskServices
from services.intake.tickets.queries import CounterNow, DayNumbers
from services.intake.tickets.states import CounterState


@dataclass(frozen=True, slots=True)
class Waiting:
    """A visitor who waits.

    Attributes:
        ticket: theirs.
        minutes: since when, in minutes.
        ahead: whether they go before those who wait in turn.
    """

    ticket: Ticket
    minutes: int
    ahead: bool


@dataclass(frozen=True, slots=True)
class CounterView:
    """A counter and its line.

    Attributes:
        counter: as it is now.
        mine: whether the caller sits there.
        minutes: since when its visitor is called or served; None for nobody.
        waiting: who waits for it, in the order in which they are called.
        elsewhere: how many wait for other counters only.
        own: the numbers of the day of this counter's clerk, or of the counter while nobody sits there.
        desk: those of the desk.
        mark: changes when the counter's own state does, so that the page is to be made anew.
    """

    counter: CounterNow
    mine: bool
    minutes: int | None
    waiting: Sequence[Waiting]
    elsewhere: int
    own: DayNumbers
    desk: DayNumbers
    mark: str

    @property
    def ticket(self) -> Ticket | None:
        """Of who is called or served."""
        return self.counter.ticket

    @property
    def open(self) -> bool:
        """Whether it calls visitors."""
        return self.counter.state is CounterState.OPEN


def view_of(connection: Connection, services: DeskServices, number: int, clerk: str, now: datetime) -> CounterView:
    """A counter as a clerk sees it."""
    found = next(one for one in queries.counters(connection, services, now) if one.number == number)
    line = queries.waiting(connection, services.desk, now)
    here = [one for one in line if one.group in found.groups]
    every = store.of_day(connection, services.desk, local_day(now))
    ticket = found.ticket
    since = (ticket.serving_at or ticket.called_at) if ticket else None
    return CounterView(
        counter=found,
        mine=bool(found.clerk) and found.clerk == clerk,
        minutes=None if since is None else _minutes(since, now),
        waiting=[Waiting(one, _minutes(one.waits_since, now), one.goes_ahead(now)) for one in here],
        elsewhere=len(line) - len(here),
        own=queries.day_numbers(one for one in every if one.clerk == (found.clerk or clerk) and one.counter == number),
        desk=queries.day_numbers(every),
        mark=f"{found.state}.{found.clerk == clerk}.{ticket.id if ticket else ''}.{ticket.state if ticket else ''}",
    )


def _minutes(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds() // 60))
