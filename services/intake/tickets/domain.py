"""Tickets: what may happen to them, and who is called next. Pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.intake.tickets.errors import OtherDay, RequeueTooLate, WrongTicketState
from services.intake.tickets.states import TRANSITIONS, Action, Channel, State
from shared.runtime.clock import VIETNAM

DIGITS = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """The time of an appointment."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket. A visitor who is transferred gets a new one that shows the same number.

    Attributes:
        id: 32 hexadecimal digits.
        visit: the id of the visit's first ticket; its own, but after a transfer.
        desk: code of the one-stop desk.
        group: code of the service group in which it waits.
        day: on which it is good, in Vietnam.
        letter, number: what it shows.
        leg: 0, and one more after each transfer.
        channel: where it was taken.
        state: where it stands.
        priority: class of people who are called before others; empty for none, and with `rank` and `ahead_from` once the day is over.
        rank: among those who go before others; 0 for none.
        ahead_from: from when it goes before others; None for never.
        waits_since: what the order among equals follows.
        counter: to which it was called; None before.
        clerk: subject of who called it; empty before.
        slot_start, slot_end: of the appointment; None for a visitor without one.
        issued_at: when it was taken.
        arrived_at: since when the visitor is here; None before an appointment's visitor has said so.
        called_at: when it was called, of several times the last; recalling does not count.
        recalled_at: when it was called again to the same counter.
        calls: how often it was called in all.
        serving_at: since when its holder is served.
        ended_at: when it was served, missed, transferred or cancelled.
        requeued_at: when a missed visitor began to wait again.
        transferred_from: the id of the ticket that it follows; empty for none.
        reason: of its transfer, or the cause of its end; empty for none.
    """

    id: str
    visit: str
    desk: str
    group: str
    day: date
    letter: str
    number: int
    leg: int
    channel: Channel
    state: State
    priority: str
    rank: int
    ahead_from: datetime | None
    waits_since: datetime
    counter: int | None
    clerk: str
    slot_start: datetime | None
    slot_end: datetime | None
    issued_at: datetime
    arrived_at: datetime | None
    called_at: datetime | None
    recalled_at: datetime | None
    calls: int
    serving_at: datetime | None
    ended_at: datetime | None
    requeued_at: datetime | None
    transferred_from: str
    reason: str

    @property
    def shown(self) -> str:
        """Its number as visitors see it."""
        return number_text(self.letter, self.number)

    @property
    def prioritised(self) -> bool:
        """Whether its holder is of a class of people who are called before others; an appointment is none."""
        return self.ahead_from is not None and self.ahead_from != self.slot_start

    def goes_ahead(self, now: datetime) -> bool:
        """Whether it is called before those who only wait in turn."""
        return self.ahead_from is not None and self.ahead_from <= now


def shown_number(ticket: Ticket) -> str:
    """A ticket's number as visitors see it, such as ``A012``."""
    return ticket.shown


def number_text(letter: str, number: int) -> str:
    """A number as visitors see it: the letter and at least three digits."""
    return f"{letter}{number:0{DIGITS}d}"


def local_day(moment: datetime) -> date:
    """The day in Vietnam; it turns at midnight there, which is 17:00 UTC."""
    return moment.astimezone(VIETNAM).date()


def after(ticket: Ticket, action: Action, now: datetime) -> State:
    """The state that follows.

    Raises:
        OtherDay: the ticket is not of today; but an appointment may be cancelled before its day.
        WrongTicketState: this cannot happen to it now.
    """
    follows = TRANSITIONS.get((ticket.state, action))
    if follows is None:
        raise WrongTicketState(ticket.state, ticket.shown)
    today = local_day(now)
    in_advance = action is Action.CANCEL and ticket.day > today
    if ticket.day != today and not in_advance:
        raise OtherDay(ticket.day, ticket.shown)
    return follows


def check_requeue(ticket: Ticket, minutes: int, now: datetime) -> None:
    """Checks that a missed visitor may wait again.

    Raises:
        RequeueTooLate: they have done so before, or it is too late.
    """
    too_late = ticket.ended_at is None or now - ticket.ended_at > timedelta(minutes=minutes)
    if ticket.requeued_at is not None or too_late:
        raise RequeueTooLate(ticket.requeued_at is not None, minutes)


def calling_order(tickets: Iterable[Ticket], now: datetime) -> list[Ticket]:
    """Those who wait in the order in which they are called, but for the limit of :func:`next_ticket`.

    Those who go before others come first, by rank; among equals who has waited longer. An appointment counts from its slot on.
    """
    return sorted(tickets, key=lambda one: _place(one, now))


def _place(ticket: Ticket, now: datetime) -> tuple[int, datetime, datetime, str, int]:
    rank = ticket.rank if ticket.goes_ahead(now) else 1_000
    return rank, ticket.waits_since, ticket.issued_at, ticket.letter, ticket.number


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom a counter calls next.

    Attributes:
        ticket: of the visitor.
        run: how many the counter has then called before others, one after the other, while others waited.
    """

    ticket: Ticket
    run: int


def next_ticket(waiting: Sequence[Ticket], run: int, most: int, now: datetime) -> Choice | None:
    """Whom a counter calls next; None if nobody waits.

    Nobody waits for ever behind those who go before others: after so many of them, one of the others is called.

    Args:
        waiting: who waits in the counter's groups and is here.
        run: how many the counter has called before others, one after the other, while others waited.
        most: how many it may.
        now: business time.
    """
    ordered = calling_order(waiting, now)
    if not ordered:
        return None
    first = ordered[0]
    if not first.goes_ahead(now):
        return Choice(first, 0)
    in_turn = next((one for one in ordered if not one.goes_ahead(now)), None)
    if in_turn is None:
        return Choice(first, 0)
    return Choice(in_turn, 0) if run >= most else Choice(first, run + 1)
