"""Tickets: their states, the closed table of what may happen to them, and who is called next. Pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from shared.runtime.clock import VIETNAM

DIGITS = 3


class State(StrEnum):
    """Where a visitor stands."""

    ISSUED = "issued"
    CALLED = "called"
    SERVING = "serving"
    SERVED = "served"
    MISSED = "missed"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What may happen to a ticket."""

    CHECK_IN = "check_in"
    CALL = "call"
    RECALL = "recall"
    RELEASE = "release"
    BEGIN = "begin"
    FINISH = "finish"
    MISS = "miss"
    NO_SHOW = "no_show"
    REQUEUE = "requeue"
    TRANSFER = "transfer"
    CANCEL = "cancel"


class Channel(StrEnum):
    """Where a ticket was taken."""

    KIOSK = "kiosk"
    RECEPTION = "reception"
    WEB = "web"


TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.ISSUED, Action.CHECK_IN): State.ISSUED,
    (State.ISSUED, Action.CALL): State.CALLED,
    (State.ISSUED, Action.NO_SHOW): State.MISSED,
    (State.ISSUED, Action.TRANSFER): State.TRANSFERRED,
    (State.ISSUED, Action.CANCEL): State.CANCELLED,
    (State.CALLED, Action.RECALL): State.CALLED,
    (State.CALLED, Action.RELEASE): State.ISSUED,
    (State.CALLED, Action.BEGIN): State.SERVING,
    (State.CALLED, Action.MISS): State.MISSED,
    (State.CALLED, Action.TRANSFER): State.TRANSFERRED,
    (State.CALLED, Action.CANCEL): State.CANCELLED,
    (State.SERVING, Action.FINISH): State.SERVED,
    (State.SERVING, Action.TRANSFER): State.TRANSFERRED,
    (State.MISSED, Action.REQUEUE): State.ISSUED,
}
"""The closed table: what is not in it cannot happen."""
AT_COUNTER = frozenset({State.CALLED, State.SERVING})
ENDED = frozenset({State.SERVED, State.MISSED, State.TRANSFERRED, State.CANCELLED})


class CancelCause(StrEnum):
    """Why a ticket was cancelled."""

    VISITOR = "visitor"
    DESK = "desk"
    DAY_ENDED = "day_ended"


class MissCause(StrEnum):
    """Why a ticket is missed: its holder did not come to the counter, or did not come for the appointment."""

    ABSENT = "absent"
    NO_SHOW = "no_show"


class CounterState(StrEnum):
    """What a counter does."""

    OPEN = "open"
    BREAK = "break"
    CLOSED = "closed"


class UnknownTicket(LookupError):
    """There is no ticket of this id."""


class WrongTicketState(Exception):
    """A ticket is in a state in which this cannot happen to it.

    Args:
        state: its state.
        number: as shown.
    """

    def __init__(self, state: State, number: str) -> None:
        super().__init__(f"{number} is {state}")
        self.state = state
        self.number = number


class OtherDay(Exception):
    """The ticket is of another day, so that its holder can no longer be called.

    Args:
        day: of the ticket.
        number: as shown.
    """

    def __init__(self, day: date, number: str) -> None:
        super().__init__(f"{number} is of {day}")
        self.day = day
        self.number = number


class RequeueTooLate(Exception):
    """A missed visitor may wait again once, and only for some minutes.

    Args:
        again: whether they have waited again already.
        minutes: for how long it is allowed.
    """

    def __init__(self, again: bool, minutes: int) -> None:
        super().__init__("again" if again else "too late")
        self.again = again
        self.minutes = minutes


class SameGroup(Exception):
    """A ticket was to be transferred to the group in which it is."""


class CounterClosed(Exception):
    """The counter is not open: nobody can be called to it.

    Args:
        counter: its number.
        state: what it does.
    """

    def __init__(self, counter: int, state: CounterState) -> None:
        super().__init__(f"counter {counter} is {state}")
        self.counter = counter
        self.state = state


class CounterTaken(Exception):
    """Another clerk sits at the counter.

    Args:
        counter: its number.
    """

    def __init__(self, counter: int) -> None:
        super().__init__(f"counter {counter}")
        self.counter = counter


class AtAnotherCounter(Exception):
    """The clerk sits at another counter, which is to be closed first.

    Args:
        counter: that counter's number.
    """

    def __init__(self, counter: int) -> None:
        super().__init__(f"counter {counter}")
        self.counter = counter


class CounterBusy(Exception):
    """The counter's visitor is called or being served, which is to be ended first.

    Args:
        number: of the visitor's ticket, as shown.
    """

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class NotAtCounter(Exception):
    """The ticket is not the counter's current one: another page or a colleague has gone on meanwhile.

    Args:
        counter: the counter's number.
    """

    def __init__(self, counter: int) -> None:
        super().__init__(f"counter {counter}")
        self.counter = counter


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
