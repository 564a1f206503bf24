"""What intake's worker does with appointments: visits that were missed, reminders, days that were closed, old telephone numbers."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from services.intake.appointments import announcements, store
from services.intake.appointments.commands import call_off, put_into
from services.intake.appointments.domain import DAY_CLOSED, State, misses_at, where_to_move
from services.intake.appointments.queries import closed_slots, offers_on, services_on
from services.intake.appointments.rules import appointment_rules
from services.intake.tickets import commands as tickets
from services.intake.tickets import store as ticket_store
from services.intake.tickets.domain import local_day
from services.intake.tickets.states import State as TicketState
from shared.observability.metrics import erasures
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

HINT = "closings"
"""The hint that a desk has closed a day."""
MOST = 200
"""Appointments of one sweep; the next one goes on."""


def note_missed(context: Context) -> int:
    """Notes for each visitor who did not check in in time that the visit was missed; returns how many."""
    now = context.clock.now()
    with context.store.read() as connection:
        late = store.late(connection, now, MOST)
    return sum(context.store.run(partial(_note_missed, id=id)) for id in late)


def _note_missed(work: UnitOfWork, id: str) -> bool:
    found = store.get(work.connection, id, lock=True)
    if found is None or found.state is not State.BOOKED:
        return False
    services = services_on(found.desk, found.slot_start)
    if work.now <= misses_at(found.slot, services.late_minutes):
        return False
    ticket_store.lock_desk(work, found.desk)  # before the ticket is read: who checks in now has not missed the visit
    ticket = ticket_store.get(work.connection, found.ticket, found.desk)
    if ticket.arrived_at is not None:  # at the reception, by the number alone
        return store.change(work, found, State.ARRIVED)
    if ticket.state is not TicketState.ISSUED or ticket.day != local_day(work.now):
        # The day is over, so nobody could check in any more. It is not the visitor's fault if that was noted so late.
        return store.change(work, found, State.MISSED, phone_hash=None)
    tickets.no_show(work, services, ticket.id)
    return store.change(work, found, State.MISSED)


def send_reminders(context: Context) -> int:
    """Has the citizens reminded whose visit is near; returns how many."""
    now = context.clock.now()
    with context.store.read() as connection:
        due = store.to_remind(connection, now, MOST)
    return sum(context.store.run(partial(_remind, id=id)) for id in due)


def _remind(work: UnitOfWork, id: str) -> bool:
    found = store.get(work.connection, id, lock=True)
    if found is None or not store.reminded(work, id) or found.slot_start <= work.now:
        return False
    announcements.reminder_due(work, found)
    return True


def move_closed(context: Context) -> int:
    """Moves the appointments of days and hours at which their desk is not open any more; returns how many.

    It goes by what is so now, by the calendar data and the desks' own closings: an appointment that was moved is in an open slot, so it is
    moved once however often this runs.
    """
    now, agencies = context.clock.now(), context.reference.agencies
    with context.store.read() as connection:
        closed = closed_slots(connection, agencies, store.booked_slots(connection, now), now)
        ids = [id for desk, slot in closed for id in store.booked_in(connection, desk, slot)]
    return sum(context.store.run(partial(_move_closed, id=id)) for id in ids)


def _move_closed(work: UnitOfWork, id: str) -> bool:
    """To the next free slot, by :func:`where_to_move`; without one it is cancelled. The citizen is told either way."""
    found = store.get(work.connection, id, lock=True)
    agencies = work.reference.agencies
    if found is None or found.state is not State.BOOKED or found.slot_start <= work.now:
        return False
    if not closed_slots(work.connection, agencies, [(found.desk, found.slot)], work.now):
        return False
    desk, group = found.desk, found.group_code
    if ticket_store.get(work.connection, found.ticket, desk).arrived_at is not None:
        return store.change(work, found, State.ARRIVED)
    rules = appointment_rules(local_day(work.now))
    free = where_to_move(
        found.slot, work.now, rules, lambda day: offers_on(work.connection, agencies, desk, group, day, work.now)
    )
    for slot in free:
        capacity = appointment_rules(local_day(slot.start)).capacity_of(desk, group)
        if store.take_place(work, desk, group, slot.start, capacity):
            put_into(work, found, slot, DAY_CLOSED)
            return True
    call_off(work, found, DAY_CLOSED)
    return True


def erase_old(context: Context) -> int:
    """Erases the telephone numbers and codes of visits that are over since the rules' days; returns how many appointments.

    The appointment itself is deleted when the no-show rule needs it no longer: the ticket tells all that statistics need.
    """
    now = context.clock.now()
    rules = appointment_rules(now.date())
    with context.store.read() as connection:
        old = store.erasable(connection, now - timedelta(days=rules.phone_days), MOST)
    erased = sum(context.store.run(partial(_erase, id=id)) for id in old)
    context.store.run(lambda work: store.delete_over(work, work.now - rules.known_by_phone))
    context.store.run(lambda work: store.forget_slots(work, work.now - timedelta(days=rules.phone_days)))
    return erased


def _erase(work: UnitOfWork, id: str) -> bool:
    if not store.erase(work, id):
        return False
    announcements.erased(work, id)
    work.after_commit(lambda: erasures.labels(work.service, "appointment").inc())
    return True
