"""Sends invitations to surveys. Rating draws dossiers and knows no person; here it shows when two of them are the same person's."""

from __future__ import annotations

from services.notify.contacts.domain import Contact, NotReachable, mobile_number
from services.notify.contacts.store import contact_of
from services.notify.messages.commands import cancel_pending, queue_message
from services.notify.surveys.store import forget_over, invited_for, was_invited
from shared.messaging.errors import NotYet
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.keyed_hash import keyed_hash

KIND = "survey_invitation"
SAME_PERSON = "the person was invited for another dossier"
ANOTHER_FOLLOWS = "another invitation follows"


def on_survey_invited(event: Event, work: UnitOfWork) -> None:
    """Sends the one-time token with which the applicant of a returned dossier answers a survey, or a reminder of it.

    Who was invited to the same survey for another dossier gets nothing more; the message is recorded as skipped. An earlier one of this
    dossier that was not sent yet is void.

    Raises:
        shared.messaging.errors.NotYet: the contact has not arrived.
    """
    data = event.data
    found = contact_of(work, data["dossier"])
    if found is None:
        raise NotYet(f"the contact of the applicant of {data['dossier']} has not arrived")
    if was_invited(work.connection, data["survey"], data["dossier"]):
        cancel_pending(work, data["dossier"], ANOTHER_FOLLOWS, kind=KIND)
    first = _invited_for(event, work, found[0])
    queue_message(work, KIND, f"{event.source}#{event.id}", data, "reminder" if data["reminder"] else "")
    if first != data["dossier"]:
        cancel_pending(work, data["dossier"], SAME_PERSON, kind=KIND)


def _invited_for(event: Event, work: UnitOfWork, contact: Contact) -> str:
    """The dossier for which the person is invited: this one, or the one for which they were invited before."""
    data, person = event.data, _person(contact)
    if not person:
        return str(data["dossier"])
    forget_over(work.connection, work.now)
    hash_ = keyed_hash(work.hash_key, "recipient of a survey", person)
    return invited_for(work.connection, data["survey"], hash_, data["dossier"], data["expires_at"])


def _person(contact: Contact) -> str:
    """What tells a person: the mobile number, else the e-mail address; empty without either."""
    try:
        return mobile_number(contact.phone)
    except NotReachable:
        return contact.email.strip().lower()
