"""What a clerk does at a counter: opening it, calling and serving visitors, breaks, closing.

Each function first takes the desk's row, so that two clerks never call one number. What concerns a visitor names the ticket: a page that
is no longer true changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.intake.tickets import announcements, commands, store
from services.intake.tickets.domain import Ticket, after, local_day, next_ticket
from services.intake.tickets.errors import AtAnotherCounter, CounterBusy, CounterClosed, CounterTaken, NotAtCounter
from services.intake.tickets.groups import DeskServices
from services.intake.tickets.states import AT_COUNTER, Action, CounterState, MissCause, State
from services.intake.tickets.store import CounterSession
from shared.persistence.unit_of_work import UnitOfWork

_NOT_CALLED: dict[str, Any] = {"counter": None, "clerk": "", "called_at": None, "recalled_at": None}


def open_counter(
    work: UnitOfWork, services: DeskServices, counter: int, clerk: str, take_over: bool = False
) -> CounterSession:
    """A clerk sits down at a counter, or comes back from a break. The visitor who is there stays there.

    Args:
        work: the transaction.
        services: of the desk.
        counter: its number.
        clerk: subject of the clerk.
        take_over: whether to take it from another clerk who has left it open.

    Raises:
        services.intake.tickets.groups.UnknownCounter: the desk has no such counter.
        CounterTaken: another clerk sits there.
        AtAnotherCounter: the clerk sits at another counter.
    """
    services.counter(counter)
    store.lock_desk(work, services.desk)
    today = local_day(work.now)
    for other in store.counter_sessions(work.connection, services.desk):
        if other.counter != counter and other.clerk == clerk and other.state_on(today) is not CounterState.CLOSED:
            raise AtAnotherCounter(other.counter)
    opened = CounterSession(services.desk, counter, clerk, CounterState.OPEN, work.now, None, 0)
    found = store.session(work.connection, services.desk, counter)
    if found is not None and (state := found.state_on(today)) is not CounterState.CLOSED:
        if found.clerk != clerk and not take_over:
            raise CounterTaken(counter)
        if (found.clerk, state) == (clerk, CounterState.OPEN):
            return found
        opened = replace(opened, ticket_id=found.ticket_id, run=found.run)
        if (ticket := _present(work, found)) is not None and ticket.clerk != clerk:
            store.save(work, ticket, clerk=clerk)
    store.save_session(work, opened)
    return opened


def take_break(work: UnitOfWork, services: DeskServices, counter: int, clerk: str) -> CounterSession:
    """The counter calls nobody for a while.

    Raises:
        CounterBusy: a visitor is there.
        CounterClosed, CounterTaken: as for :func:`call_next`.
    """
    found = _own(work, services, counter, clerk)
    if (ticket := _present(work, found)) is not None:
        raise CounterBusy(ticket.shown)
    if found.state is CounterState.BREAK:
        return found
    paused = replace(found, state=CounterState.BREAK, since=work.now)
    store.save_session(work, paused)
    return paused


def close_counter(work: UnitOfWork, services: DeskServices, counter: int, clerk: str) -> CounterSession:
    """The clerk leaves. A visitor who was called and has not come goes back to their place in the line.

    Raises:
        CounterBusy: a visitor is being served.
        CounterTaken: another clerk sits there.
    """
    found = _own(work, services, counter, clerk)
    ticket = _present(work, found)
    if ticket is not None and ticket.state is State.SERVING:
        raise CounterBusy(ticket.shown)
    if ticket is not None:
        _back_to_line(work, ticket)
    closed = replace(found, state=CounterState.CLOSED, since=work.now, ticket_id=None, run=0)
    store.save_session(work, closed)
    return closed


def call_next(work: UnitOfWork, services: DeskServices, counter: int, clerk: str) -> Ticket | None:
    """Calls the next visitor of the counter's groups; None if nobody waits.

    Raises:
        services.intake.tickets.groups.UnknownCounter: the desk has no such counter.
        CounterClosed: it is not open.
        CounterTaken: another clerk sits there.
        CounterBusy: a visitor is there.
    """
    found = _own(work, services, counter, clerk)
    if (present := _present(work, found)) is not None:
        raise CounterBusy(present.shown)
    if found.state is not CounterState.OPEN:
        raise CounterClosed(counter, found.state)
    groups = services.counter(counter).groups
    waiting = store.waiting(work.connection, services.desk, local_day(work.now), groups)
    choice = next_ticket(waiting, found.run, services.priority_calls, work.now)
    if choice is None:
        return None
    ticket = choice.ticket
    called = store.save(
        work,
        ticket,
        state=after(ticket, Action.CALL, work.now),
        counter=counter,
        clerk=clerk,
        called_at=work.now,
        recalled_at=None,
        calls=ticket.calls + 1,
    )
    store.save_session(work, replace(found, ticket_id=ticket.id, run=choice.run))
    announcements.called(work, called)
    return called


def recall(work: UnitOfWork, services: DeskServices, counter: int, clerk: str, ticket_id: str) -> Ticket:
    """Calls the visitor again who was called and has not come.

    Raises:
        NotAtCounter: the ticket is not the counter's.
        CounterTaken: another clerk sits there.
        services.intake.tickets.errors.WrongTicketState, services.intake.tickets.errors.OtherDay: as they say.
    """
    ticket, _ = _at_counter(work, services, counter, clerk, ticket_id)
    state = after(ticket, Action.RECALL, work.now)
    return store.save(work, ticket, state=state, recalled_at=work.now, calls=ticket.calls + 1)


def begin(work: UnitOfWork, services: DeskServices, counter: int, clerk: str, ticket_id: str) -> Ticket:
    """The visitor has come and is being served; errors as for :func:`recall`."""
    ticket, _ = _at_counter(work, services, counter, clerk, ticket_id)
    return store.save(work, ticket, state=after(ticket, Action.BEGIN, work.now), serving_at=work.now)


def finish(work: UnitOfWork, services: DeskServices, counter: int, clerk: str, ticket_id: str) -> Ticket:
    """The visitor has been served; errors as for :func:`recall`."""
    ticket, found = _at_counter(work, services, counter, clerk, ticket_id)
    ended = store.save(work, ticket, state=after(ticket, Action.FINISH, work.now), ended_at=work.now)
    store.save_session(work, found.without_ticket())
    announcements.served(work, ended)
    return ended


def miss(work: UnitOfWork, services: DeskServices, counter: int, clerk: str, ticket_id: str) -> Ticket:
    """The visitor was called and has not come; errors as for :func:`recall`."""
    ticket, found = _at_counter(work, services, counter, clerk, ticket_id)
    state = after(ticket, Action.MISS, work.now)
    ended = store.save(work, ticket, state=state, ended_at=work.now, reason=str(MissCause.ABSENT))
    store.save_session(work, found.without_ticket())
    announcements.missed(work, ended)
    return ended


def release(work: UnitOfWork, services: DeskServices, counter: int, clerk: str, ticket_id: str) -> Ticket:
    """The visitor was called by mistake and goes back to their place in the line; errors as for :func:`recall`."""
    ticket, found = _at_counter(work, services, counter, clerk, ticket_id)
    after(ticket, Action.RELEASE, work.now)
    store.save_session(work, found.without_ticket())
    return _back_to_line(work, ticket)


def transfer(
    work: UnitOfWork, services: DeskServices, counter: int, clerk: str, ticket_id: str, group: str, reason: str
) -> Ticket:
    """Sends the counter's visitor to another group, as :func:`services.intake.tickets.commands.transfer` does; further errors as for
    :func:`recall`."""
    _at_counter(work, services, counter, clerk, ticket_id)
    return commands.transfer(work, services, ticket_id, group, reason, at_counter=True)


def _back_to_line(work: UnitOfWork, ticket: Ticket) -> Ticket:
    state = after(ticket, Action.RELEASE, work.now)
    return store.save(work, ticket, state=state, **_NOT_CALLED)


def _own(work: UnitOfWork, services: DeskServices, counter: int, clerk: str) -> CounterSession:
    """The counter at which the clerk sits, with the desk's row taken."""
    services.counter(counter)
    store.lock_desk(work, services.desk)
    found = store.session(work.connection, services.desk, counter)
    if found is None or found.state_on(local_day(work.now)) is CounterState.CLOSED:
        raise CounterClosed(counter, CounterState.CLOSED)
    if found.clerk != clerk:
        raise CounterTaken(counter)
    return found


def _at_counter(
    work: UnitOfWork, services: DeskServices, counter: int, clerk: str, ticket_id: str
) -> tuple[Ticket, CounterSession]:
    found = _own(work, services, counter, clerk)
    if found.ticket_id != ticket_id:
        store.get(work.connection, ticket_id, services.desk)
        raise NotAtCounter(counter)
    return store.get(work.connection, ticket_id, services.desk), found


def _present(work: UnitOfWork, found: CounterSession) -> Ticket | None:
    """The ticket of who is at the counter today."""
    if found.ticket_id is None:
        return None
    ticket = store.get(work.connection, found.ticket_id, found.desk)
    return ticket if ticket.state in AT_COUNTER and ticket.day == local_day(work.now) else None
