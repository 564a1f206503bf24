"""Reads ahead what the messages about a batch of events need, in one statement for each table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from services.notify.contacts.domain import Contact, NotReachable, mobile_number
from services.notify.contacts.store import read_contacts
from services.notify.delivery.store import read_pending
from services.notify.inbound.stopped import hash_number
from services.notify.inbound.store import read_stopped
from services.notify.templates.store import read_agencies
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

SILENT = frozenset({"applicant.registered", "dossier.returned"})
"""Frequent events about which nobody gets a message."""
CANCELLING = {"rating.invited": "rating_invitation", "result.code_issued": "one_time_code"}
"""Frequent events that cancel what was not sent yet of a kind, of which there is mostly nothing."""
AGENCIES = ("receiving_agency", "agency")
"""The fields with the agency whose text a message has."""


def prepare(events: Sequence[Event], work: UnitOfWork) -> None:
    """Reads the contacts of a batch's dossiers, whether their numbers are stopped, what of them may still be cancelled, and which
    agencies have texts of their own.

    Args:
        events: as received; what is not read here is read when it is needed.
        work: the transaction that applies them.
    """
    telling = [event for event in events if event.name not in SILENT]
    if not telling:
        return
    contacts = read_contacts(work, {event.key for event in telling})
    if hashes := {hash_number(work.hash_key, number) for number in _mobile_numbers(contacts)}:
        read_stopped(work, hashes)
    for name, kind in CANCELLING.items():
        if dossiers := {event.key for event in telling if event.name == name}:
            read_pending(work, dossiers, kind)
    named = (event.data.get(field) for event in telling for field in AGENCIES)
    if agencies := {agency for agency in named if isinstance(agency, str) and agency and "\0" not in agency}:
        read_agencies(work, agencies)


def _mobile_numbers(contacts: Iterable[Contact]) -> Iterator[str]:
    for contact in contacts:
        try:
            yield mobile_number(contact.phone)
        except NotReachable:
            continue
