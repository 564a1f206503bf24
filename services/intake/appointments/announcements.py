"""The events by which notify tells the citizen what becomes of an appointment."""

from __future__ import annotations

from typing import Any

from services.intake.appointments.store import Appointment
from services.intake.tickets.domain import local_day
from shared.persistence.unit_of_work import UnitOfWork


def booked(work: UnitOfWork, appointment: Appointment) -> None:
    """An appointment was booked."""
    more = {"phone": appointment.phone, "code": appointment.secret, "booked_at": work.now}
    work.emit("appointment.booked", _told(work, appointment) | more)


def moved(work: UnitOfWork, appointment: Appointment) -> None:
    """An appointment is at another time now."""
    more = {"code": appointment.secret, "was_at": appointment.moved_from, "cause": appointment.reason}
    work.emit("appointment.moved", _told(work, appointment) | more | {"moved_at": work.now})


def cancelled(work: UnitOfWork, appointment: Appointment) -> None:
    """An appointment was cancelled."""
    more = {"cause": appointment.reason, "cancelled_at": work.now}
    work.emit("appointment.cancelled", _told(work, appointment) | more)


def reminder_due(work: UnitOfWork, appointment: Appointment) -> None:
    """It is time to remind the citizen."""
    more = {"code": appointment.secret, "due_at": work.now}
    work.emit("appointment.reminder_due", _told(work, appointment) | more)


def erased(work: UnitOfWork, id: str) -> None:
    """The telephone number of an appointment was erased."""
    work.emit("appointment.erased", {"appointment": id, "erased_at": work.now})


def _told(work: UnitOfWork, appointment: Appointment) -> dict[str, Any]:
    day = local_day(appointment.slot_start)
    return {
        "appointment": appointment.id,
        "agency": appointment.desk,
        "desk_name": work.reference.agencies.name_of(appointment.desk, day),
        "number": appointment.number,
        "slot_start": appointment.slot_start,
        "language": appointment.language,
    }
