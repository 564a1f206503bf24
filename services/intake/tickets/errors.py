"""What the rules of tickets and counters refuse, and why."""

from __future__ import annotations

from datetime import date

from services.intake.tickets.states import CounterState, State


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
