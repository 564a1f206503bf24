"""What changes contacts after they were registered."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from services.notify.contacts.store import Contact, find_contact, replace_contact
from services.notify.messages.commands import cancel_pending, queue_copy
from shared.messaging.errors import NotYet
from shared.messaging.records import require_same
from shared.persistence.unit_of_work import UnitOfWork

REASON = "the phone number was corrected"


def correct_contact(work: UnitOfWork, contact: Contact, corrected_at: datetime, cause: str) -> None:
    """Replaces a contact unless a later correction is known. Messages that wait for an old number are cancelled and queued for the new
    one, except those with a secret, which is void. A message that a provider has just taken over cannot be called back.

    Args:
        work: the transaction.
        contact: as it is right.
        corrected_at: business time of the correction.
        cause: the identity of the causing event.

    Raises:
        NotYet: the contact has not arrived.
        shared.messaging.errors.Conflict: another correction of that moment is known.
    """
    found = find_contact(work.connection, contact.dossier)
    if found is None:
        raise NotYet(f"the contact of the applicant of {contact.dossier} has not arrived")
    old, last_corrected_at = found
    if corrected_at == last_corrected_at:
        given = {name: getattr(contact, name) for name in ("name", "phone", "email")}
        require_same(f"the correction of {contact.dossier}", asdict(old), given)
    if not replace_contact(work.connection, contact, corrected_at) or old.phone == contact.phone:
        return
    for message in cancel_pending(work, contact.dossier, REASON):
        if message.secret_text is None:
            queue_copy(work, message, contact.phone, cause)
