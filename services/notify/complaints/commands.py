"""Messages about complaints.

A complaint has no applicant. How to reach who lodged it is kept as a contact without a name, under the complaint's code, as for an
appointment.
"""

from __future__ import annotations

from services.notify.contacts.domain import Contact
from services.notify.contacts.store import add_contact, erase_contact
from services.notify.messages.commands import queue_message
from services.notify.messages.erasure import erase_messages
from shared.messaging.errors import Conflict
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

DATED = ("lodged", "more_requested")
"""What tells a day, where there is one."""


def on_complaint_notice(event: Event, work: UnitOfWork) -> None:
    """Keeps how to reach the complainant, and sends how the complaint stands.

    Raises:
        Conflict: the complaint is known with another telephone number or address, to which nothing more must go.
    """
    data = event.data
    language = "en" if data["language"] == "en" else "vi"
    contact = Contact(data["complaint"], "", data["phone"], data["email"], registered_at=event.time, language=language)
    if not add_contact(work, contact):
        raise Conflict(f"complaint {contact.dossier} is known with another contact")
    values = {**data, "dossier": data["complaint"]}
    undated = data["kind"] in DATED and data["due_at"] is None
    variant = f"{data['kind']}_undated" if undated else data["kind"]
    queue_message(work, "complaint_notice", f"{event.source}#{event.id}", values, variant, language=language)


def on_complaint_erased(event: Event, work: UnitOfWork) -> None:
    """Erases the contact and what the messages said; that and when they were sent stays known."""
    erase_contact(work, event.data["complaint"])
    erase_messages(work, event.data["complaint"])
