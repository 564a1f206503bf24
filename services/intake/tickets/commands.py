"""What changes tickets away from the counters: issuing, checking in, missed and cancelled ones, transfers, the end of the day.

Each function first takes the desk's row, so that all changes of one desk happen one after the other.
"""

from __future__ import annotations

from datetime import timedelta

from services.intake.tickets import announcements, store
from services.intake.tickets.domain import Slot, Ticket, after, check_requeue, local_day
from services.intake.tickets.errors import SameGroup, WrongTicketState
from services.intake.tickets.groups import DeskServices
from services.intake.tickets.states import AT_COUNTER, Action, CancelCause, Channel, MissCause, State
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.random_bytes import random_hex

ID_BYTES = 16
ENDED_AT_ONCE = 200
"""Tickets of earlier days that are ended in one transaction."""


def issue(
    work: UnitOfWork,
    services: DeskServices,
    *,
    group: str,
    channel: Channel,
    priority: str = "",
    slot: Slot | None = None,
) -> Ticket:
    """Gives a visitor the next number of a group.

    Args:
        work: the transaction; the desk's other changes wait until it ends.
        services: of the desk, on the day of the visit.
        group: code of the service group.
        channel: where it is taken.
        priority: class of people who are called before others; empty for none.
        slot: of an appointment; its holder waits once they have checked in.

    Raises:
        services.intake.tickets.groups.UnknownGroup: the desk has no such group.
        services.intake.tickets.groups.UnknownPriority: there is no such class.
    """
    wanted = services.group(group)
    rank = services.priority(priority).rank if priority else 0
    store.lock_desk(work, services.desk)
    day = local_day(slot.start if slot else work.now)
    id = random_hex(ID_BYTES)
    ticket = Ticket(
        id=id,
        visit=id,
        desk=services.desk,
        group=group,
        day=day,
        letter=wanted.letter,
        number=store.next_number(work, services.desk, wanted.letter, day),
        leg=0,
        channel=channel,
        state=State.ISSUED,
        priority=priority,
        rank=rank,
        ahead_from=work.now if rank else None,
        waits_since=slot.start if slot else work.now,
        counter=None,
        clerk="",
        slot_start=slot.start if slot else None,
        slot_end=slot.end if slot else None,
        issued_at=work.now,
        arrived_at=None if slot else work.now,
        called_at=None,
        recalled_at=None,
        calls=0,
        serving_at=None,
        ended_at=None,
        requeued_at=None,
        transferred_from="",
        reason="",
    )
    store.add(work, ticket)
    announcements.issued(work, ticket)
    return ticket


def check_in(work: UnitOfWork, services: DeskServices, ticket_id: str) -> Ticket:
    """The holder of an appointment is here and waits from now on; again changes nothing.

    From the begin of the slot they go before those who came without an appointment. Who comes too late waits in turn.

    Raises:
        services.intake.tickets.errors.UnknownTicket, services.intake.tickets.errors.WrongTicketState,
        services.intake.tickets.errors.OtherDay: as they say.
    """
    ticket = _locked(work, services, ticket_id)
    after(ticket, Action.CHECK_IN, work.now)
    if ticket.arrived_at is not None or ticket.slot_start is None or ticket.slot_end is None:
        return ticket
    in_time = work.now <= ticket.slot_end + timedelta(minutes=services.late_minutes)
    ahead, rank = ticket.ahead_from, ticket.rank
    if in_time and not rank:
        ahead, rank = ticket.slot_start, services.appointment_rank
    return store.save(
        work,
        ticket,
        arrived_at=work.now,
        waits_since=max(ticket.slot_start, work.now) if in_time else work.now,
        ahead_from=ahead,
        rank=rank,
    )


def requeue(work: UnitOfWork, services: DeskServices, ticket_id: str) -> Ticket:
    """Lets a visitor who missed the call wait again with the old number, once: behind all who wait now, but for those who go before others.

    Raises:
        services.intake.tickets.errors.RequeueTooLate: they have done so before, or it is too late.
        services.intake.tickets.errors.UnknownTicket, services.intake.tickets.errors.WrongTicketState,
        services.intake.tickets.errors.OtherDay: as they say.
    """
    ticket = _locked(work, services, ticket_id)
    state = after(ticket, Action.REQUEUE, work.now)
    check_requeue(ticket, services.requeue_minutes, work.now)
    return store.save(
        work,
        ticket,
        state=state,
        waits_since=work.now,
        arrived_at=work.now,
        requeued_at=work.now,
        ended_at=None,
        called_at=None,
        recalled_at=None,
        counter=None,
        reason="",
    )


def transfer(
    work: UnitOfWork, services: DeskServices, ticket_id: str, group: str, reason: str, at_counter: bool = False
) -> Ticket:
    """Sends a visitor to another group; they keep their number and wait there as long as they have waited already.

    Args:
        work: the transaction.
        services: of the desk.
        ticket_id: of the visitor's ticket.
        group: code of the other group.
        reason: in words.
        at_counter: whether the clerk does it to whom they have called, and not to somebody who waits.

    Returns:
        the new ticket, of the same visit.

    Raises:
        services.intake.tickets.errors.SameGroup: the visitor is in that group.
        services.intake.tickets.groups.UnknownGroup, services.intake.tickets.errors.UnknownTicket,
        services.intake.tickets.errors.WrongTicketState, services.intake.tickets.errors.OtherDay: as they say.
    """
    services.group(group)
    ticket = _locked(work, services, ticket_id)
    state = after(ticket, Action.TRANSFER, work.now)
    if (ticket.state in AT_COUNTER) != at_counter:
        raise WrongTicketState(ticket.state, ticket.shown)
    if group == ticket.group:
        raise SameGroup
    leave_counter(work, ticket)
    store.save(work, ticket, state=state, ended_at=work.now, reason=reason)
    follower = Ticket(
        id=random_hex(ID_BYTES),
        visit=ticket.visit,
        desk=ticket.desk,
        group=group,
        day=ticket.day,
        letter=ticket.letter,
        number=ticket.number,
        leg=ticket.leg + 1,
        channel=ticket.channel,
        state=State.ISSUED,
        priority=ticket.priority,
        rank=ticket.rank,
        ahead_from=ticket.ahead_from,
        waits_since=ticket.waits_since,
        counter=None,
        clerk="",
        slot_start=ticket.slot_start,
        slot_end=ticket.slot_end,
        issued_at=work.now,
        arrived_at=None if ticket.arrived_at is None else work.now,
        called_at=None,
        recalled_at=None,
        calls=0,
        serving_at=None,
        ended_at=None,
        requeued_at=None,
        transferred_from=ticket.id,
        reason="",
    )
    store.add(work, follower)
    announcements.issued(work, follower)
    return follower


def cancel(work: UnitOfWork, services: DeskServices, ticket_id: str, cause: CancelCause) -> Ticket:
    """Ends a ticket whose holder will not be served.

    Raises:
        services.intake.tickets.errors.UnknownTicket, services.intake.tickets.errors.WrongTicketState,
        services.intake.tickets.errors.OtherDay: as they say.
    """
    ticket = _locked(work, services, ticket_id)
    return _cancel(work, ticket, after(ticket, Action.CANCEL, work.now), cause)


def no_show(work: UnitOfWork, services: DeskServices, ticket_id: str) -> Ticket:
    """The holder of an appointment did not come.

    Raises:
        services.intake.tickets.errors.UnknownTicket, services.intake.tickets.errors.WrongTicketState,
        services.intake.tickets.errors.OtherDay: as they say.
    """
    ticket = _locked(work, services, ticket_id)
    return _miss(work, ticket, after(ticket, Action.NO_SHOW, work.now), MissCause.NO_SHOW)


def end_earlier_days(work: UnitOfWork) -> int:
    """Ends what is left of earlier days, and forgets of which class of people their visitors were.

    Who was being served counts as served, but not in the service times: nobody knows when that ended. Who was called, or did not come for
    an appointment, is missed; who waited until the end is cancelled.

    Returns:
        how many tickets were ended.
    """
    today = local_day(work.now)
    found = store.left_over(work.connection, today, ENDED_AT_ONCE)
    for desk in sorted({one.desk for one in found}):
        store.lock_desk(work, desk)
    for one in found:
        ticket = store.get(work.connection, one.id)  # as it is now that the desk's row is ours
        leave_counter(work, ticket)
        if ticket.state is State.SERVING:
            announcements.served(work, store.save(work, ticket, state=State.SERVED, ended_at=work.now), timed=False)
        elif ticket.state is State.CALLED:
            _miss(work, ticket, State.MISSED, MissCause.ABSENT)
        elif ticket.state is State.ISSUED and ticket.arrived_at is None:
            _miss(work, ticket, State.MISSED, MissCause.NO_SHOW)
        elif ticket.state is State.ISSUED:
            _cancel(work, ticket, State.CANCELLED, CancelCause.DAY_ENDED)
    store.forget_priorities(work, today)
    return len(found)


def leave_counter(work: UnitOfWork, ticket: Ticket) -> None:
    """Nobody is at the ticket's counter any more, if its holder was."""
    if ticket.state not in AT_COUNTER or ticket.counter is None:
        return
    found = store.session(work.connection, ticket.desk, ticket.counter)
    if found is not None and found.ticket_id == ticket.id:
        store.save_session(work, found.without_ticket())


def _cancel(work: UnitOfWork, ticket: Ticket, state: State, cause: CancelCause) -> Ticket:
    leave_counter(work, ticket)
    ended = store.save(work, ticket, state=state, ended_at=work.now, reason=str(cause))
    announcements.cancelled(work, ended)
    return ended


def _miss(work: UnitOfWork, ticket: Ticket, state: State, cause: MissCause) -> Ticket:
    leave_counter(work, ticket)
    ended = store.save(work, ticket, state=state, ended_at=work.now, reason=str(cause))
    announcements.missed(work, ended)
    return ended


def _locked(work: UnitOfWork, services: DeskServices, ticket_id: str) -> Ticket:
    """A ticket of the desk, with the desk's row taken; one of another desk is unknown here."""
    store.lock_desk(work, services.desk)
    return store.get(work.connection, ticket_id, services.desk)
