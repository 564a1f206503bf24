"""Booking, moving and cancelling appointments, and checking in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.intake.appointments import announcements, store
from services.intake.appointments.code import hash_code, hash_phone, new_code, normalise_code
from services.intake.appointments.domain import (
    BY_CITIZEN,
    MovedTooOften,
    NoMobilePhone,
    NotChangeable,
    NotCheckInTime,
    PhoneBlocked,
    SlotFull,
    State,
    TooManyAppointments,
    UnknownAppointment,
    blocked_until,
    check_in_opens,
    may_change,
    remind_at,
)
from services.intake.appointments.queries import offered_slot, services_on
from services.intake.appointments.rules import AppointmentRules, appointment_rules
from services.intake.appointments.store import Appointment
from services.intake.tickets import commands as tickets
from services.intake.tickets import store as ticket_store
from services.intake.tickets.domain import Slot, Ticket, local_day
from services.intake.tickets.errors import RequeueTooLate
from services.intake.tickets.states import CancelCause, Channel
from shared.persistence.unit_of_work import UnitOfWork
from shared.phones import NotAPhone, parse_phone


@dataclass(frozen=True, slots=True)
class Booking:
    """What a citizen asks for.

    Attributes:
        desk: code of the one-stop desk.
        group: code of the service group.
        start: of the slot, aware.
        phone: as typed; messages go to it.
        language: of the messages.
        procedure: for which they come; empty if they have chosen only the group.
    """

    desk: str
    group: str
    start: datetime
    phone: str
    language: str = "vi"
    procedure: str = ""


def mobile_number(typed: str) -> str:
    """A telephone number to which messages can be sent, in national form.

    Raises:
        NoMobilePhone: it is none.
    """
    try:
        phone = parse_phone(typed)
    except NotAPhone as error:
        raise NoMobilePhone from error
    if not phone.gets_sms:
        raise NoMobilePhone
    return phone.number


def check_phone(work: UnitOfWork, phone_hash: str) -> None:
    """Checks the no-show rule, and how often a number books.

    Raises:
        PhoneBlocked: the number has missed too many visits.
        TooManyAppointments: it has booked too often within a day.
    """
    rules = appointment_rules(local_day(work.now))
    since = work.now - timedelta(days=rules.no_show_days + rules.block_days)
    until = blocked_until(store.missed_starts(work.connection, phone_hash, since), work.now, rules)
    if until is not None:
        raise PhoneBlocked(until)
    if store.count_booked(work.connection, phone_hash, work.now - timedelta(days=1)) >= rules.bookings_per_phone:
        raise TooManyAppointments


def book(work: UnitOfWork, booking: Booking) -> dict[str, str]:
    """Books a visit: a place of the slot, a number of the group and day, and the message about it, or nothing at all.

    Returns:
        ``id``, and ``code``, which the citizen gets and nobody else.

    Raises:
        NoMobilePhone, PhoneBlocked, TooManyAppointments: of the telephone number.
        SlotNotOffered, SlotFull: of the slot.
    """
    phone, rules = mobile_number(booking.phone), appointment_rules(local_day(work.now))
    phone_hash = hash_phone(phone, work.hash_key)
    check_phone(work, phone_hash)
    slot = _take(work, booking.desk, booking.group, booking.start)
    ticket = _issue(work, booking.desk, booking.group, slot)
    code, id = new_code(), str(uuid.uuid4())
    row: dict[str, Any] = {"id": id, "desk": booking.desk, "group_code": booking.group, "procedure": booking.procedure}
    row |= {"ticket": ticket.id, "number": ticket.shown, "slot_start": slot.start, "slot_end": slot.end}
    row |= {"state": State.BOOKED, "reason": "", "moved_from": None, "moves": 0, "language": booking.language}
    row |= {"secret": code, "secret_hash": hash_code(code, work.hash_key), "phone": phone, "phone_hash": phone_hash}
    row |= {"booked_at": work.now, "remind_at": remind_at(slot, work.now, rules), "ended_at": None}
    if not store.add(work, row, rules.open_per_phone):
        raise TooManyAppointments
    announcements.booked(work, _present(work, id))
    return {"id": id, "code": code}


def open_appointment(work: UnitOfWork, typed: str) -> Appointment:
    """The appointment of a code, locked until the transaction ends.

    Raises:
        UnknownAppointment: there is none.
    """
    found = store.find(work.connection, hash_code(normalise_code(typed), work.hash_key), lock=True)
    if found is None:
        raise UnknownAppointment
    return found


def move(work: UnitOfWork, code: str, start: datetime) -> Appointment:
    """Moves an appointment to another slot, as its citizen wishes; to the slot that it has already, it changes nothing.

    Raises:
        UnknownAppointment, NotChangeable, MovedTooOften: of the appointment.
        SlotNotOffered, SlotFull: of the new slot; the old one is kept.
    """
    found = open_appointment(work, code)
    if found.slot_start == start and found.state is State.BOOKED:
        return found
    _require_changeable(work, found)
    if found.moves >= _rules_of(found).most_moves:
        raise MovedTooOften
    slot = _take(work, found.desk, found.group_code, start)
    return put_into(work, found, slot, BY_CITIZEN)


def put_into(work: UnitOfWork, found: Appointment, slot: Slot, cause: str) -> Appointment:
    """Moves a locked appointment into a slot of which it has taken a place, with a new number, and tells the citizen.

    Args:
        work: the transaction.
        found: the appointment.
        slot: the new one.
        cause: of :data:`services.intake.appointments.domain.BY_CITIZEN` and :data:`~services.intake.appointments.domain.DAY_CLOSED`.

    Returns:
        the appointment as it is now.
    """
    store.free_place(work, found.desk, found.group_code, found.slot_start)
    _cancel_ticket(work, found, CancelCause.VISITOR if cause == BY_CITIZEN else CancelCause.DESK)
    ticket = _issue(work, found.desk, found.group_code, slot)
    due = remind_at(slot, work.now, appointment_rules(local_day(work.now)))
    changes: dict[str, Any] = {"ticket": ticket.id, "number": ticket.shown, "slot_start": slot.start}
    changes |= {"slot_end": slot.end, "reason": cause, "moved_from": found.slot_start, "moves": found.moves + 1}
    store.move(work, found, **changes, remind_at=due)
    moved = _present(work, found.id)
    announcements.moved(work, moved)
    return moved


def cancel(work: UnitOfWork, code: str) -> Appointment:
    """Cancels an appointment as its citizen wishes, and gives its place back; cancelling it again changes nothing.

    Raises:
        UnknownAppointment, NotChangeable: of the appointment.
    """
    found = open_appointment(work, code)
    if found.state is State.CANCELLED:
        return found
    _require_changeable(work, found)
    return call_off(work, found, BY_CITIZEN)


def call_off(work: UnitOfWork, found: Appointment, cause: str) -> Appointment:
    """Cancels a locked appointment to come; see :func:`put_into` for `cause`."""
    if store.change(work, found, State.CANCELLED, reason=cause):
        store.free_place(work, found.desk, found.group_code, found.slot_start)
        _cancel_ticket(work, found, CancelCause.VISITOR if cause == BY_CITIZEN else CancelCause.DESK)
        announcements.cancelled(work, _present(work, found.id))
    return _present(work, found.id)


def check_in(work: UnitOfWork, typed: str, channel: Channel = Channel.KIOSK, desk: str = "") -> Ticket:
    """The citizen is here: their ticket waits to be called from now on. Checking in again changes nothing.

    Who comes so late that the visit was missed waits as if they had come without an appointment, with their number if that is still
    possible, and it counts as missed no longer.

    Args:
        work: the transaction.
        typed: the code as typed, or as a scanner reads it from the QR code.
        channel: where they are.
        desk: at which desk they are; empty if it does not matter.

    Returns:
        the ticket that is called.

    Raises:
        UnknownAppointment: there is none of this code, or it is another desk's.
        NotChangeable: it was cancelled.
        NotCheckInTime: it is too early, or another day.
        services.intake.tickets.errors.WrongTicketState: somebody has ended the ticket meanwhile.
    """
    found = open_appointment(work, typed)
    if desk and found.desk != desk:
        raise UnknownAppointment
    return arrive(work, found, channel)


def arrive(work: UnitOfWork, found: Appointment, channel: Channel) -> Ticket:
    """As :func:`check_in`, for a locked appointment."""
    services = services_on(found.desk, found.slot_start)
    if found.state is State.ARRIVED:
        return ticket_store.get(work.connection, found.ticket, found.desk)
    if found.state is State.CANCELLED:
        raise NotChangeable(found.state)
    opens = check_in_opens(found.slot, _rules_of(found))
    if local_day(work.now) != local_day(found.slot_start) or work.now < opens:
        raise NotCheckInTime(opens, found.slot_start)
    if found.state is State.BOOKED:
        ticket = tickets.check_in(work, services, found.ticket)
    else:
        try:
            ticket = tickets.requeue(work, services, found.ticket)
        except RequeueTooLate:
            ticket = tickets.issue(work, services, group=found.group_code, channel=channel)
    store.change(work, found, State.ARRIVED, ticket=ticket.id, number=ticket.shown)
    return ticket


def _take(work: UnitOfWork, desk: str, group: str, start: datetime) -> Slot:
    slot = offered_slot(work.connection, work.reference.agencies, desk, group, start, work.now)
    capacity = appointment_rules(local_day(start)).capacity_of(desk, group)
    if not store.take_place(work, desk, group, slot.start, capacity):
        raise SlotFull
    return slot


def _issue(work: UnitOfWork, desk: str, group: str, slot: Slot) -> Ticket:
    return tickets.issue(work, services_on(desk, slot.start), group=group, channel=Channel.WEB, slot=slot)


def _cancel_ticket(work: UnitOfWork, found: Appointment, cause: CancelCause) -> None:
    tickets.cancel(work, services_on(found.desk, found.slot_start), found.ticket, cause)


def _require_changeable(work: UnitOfWork, found: Appointment) -> None:
    if not may_change(found.state, found.slot, work.now, _rules_of(found)):
        raise NotChangeable(found.state)
    ticket = ticket_store.get(work.connection, found.ticket, found.desk)
    if ticket.arrived_at is not None:  # the reception has noted that they are here
        raise NotChangeable(State.ARRIVED)


def _rules_of(found: Appointment) -> AppointmentRules:
    return appointment_rules(local_day(found.slot_start))


def _present(work: UnitOfWork, id: str) -> Appointment:
    found = store.get(work.connection, id)
    assert found is not None, "this transaction has made or locked it"
    return found
