"""Messages about appointments at a one-stop desk.

An appointment has no dossier. Its telephone number is kept as a contact without a name, and its messages as those of a dossier, under the
appointment's id: they are sent, held back, counted and read by the same rules.
"""

from __future__ import annotations

from services.notify.contacts.domain import Contact
from services.notify.contacts.store import add_contact, erase_contact
from services.notify.messages.commands import cancel_pending, queue_message
from services.notify.messages.erasure import erase_messages
from shared.messaging.errors import Conflict
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

CHANGED = "the appointment was changed"


def on_appointment_booked(event: Event, work: UnitOfWork) -> None:
    """Keeps the telephone number, and sends when and where the visit is and how to change it.

    Raises:
        Conflict: the appointment is known with another number, to which nothing more must go.
    """
    data = event.data
    language = "en" if data["language"] == "en" else "vi"
    contact = Contact(data["appointment"], "", data["phone"], "", registered_at=event.time, language=language)
    if not add_contact(work, contact):
        raise Conflict(f"appointment {contact.dossier} is known with another telephone number")
    _queue(work, "appointment_booked", event)


def on_appointment_moved(event: Event, work: UnitOfWork) -> None:
    """Sends the new time. What was not sent yet about the old one never is.

    Raises:
        shared.messaging.errors.NotYet: the telephone number has not arrived.
    """
    cancel_pending(work, event.data["appointment"], CHANGED)
    _queue(work, "appointment_moved", event, event.data["cause"])


def on_appointment_cancelled(event: Event, work: UnitOfWork) -> None:
    """Sends that the visit cannot take place, if the desk has closed; who has cancelled it knows. Nothing else is sent about it.

    Raises:
        shared.messaging.errors.NotYet: the telephone number has not arrived.
    """
    cancel_pending(work, event.data["appointment"], CHANGED)
    if event.data["cause"] == "closed":
        _queue(work, "appointment_cancelled", event, event.data["cause"])


def on_appointment_reminder_due(event: Event, work: UnitOfWork) -> None:
    """Sends the reminder, unless the visit's time has come meanwhile.

    Raises:
        shared.messaging.errors.NotYet: the telephone number has not arrived.
    """
    if work.now < event.data["slot_start"]:
        _queue(work, "appointment_reminder", event)


def on_appointment_erased(event: Event, work: UnitOfWork) -> None:
    """Erases the telephone number and what the messages said; that and when they were sent stays known."""
    erase_contact(work, event.data["appointment"])
    erase_messages(work, event.data["appointment"])


def _queue(work: UnitOfWork, kind: str, event: Event, variant: str = "") -> None:
    values = {**event.data, "dossier": event.data["appointment"]}
    language = "en" if event.data["language"] == "en" else "vi"
    queue_message(work, kind, f"{event.source}#{event.id}", values, variant, language=language)
