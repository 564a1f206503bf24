"""Answers what notify keeps about the applicant of a dossier: how to reach them, what was sent to them, and who has read that."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from services.notify.contacts.domain import NotMobile, mask_phone, mobile_number
from services.notify.contacts.store import Contact, find_contact
from services.notify.messages.queries import MessageRow, messages_of_dossier
from services.notify.templates.domain import fill_public_url
from shared.contracts import json_fields
from shared.contracts.personal_data import PUBLIC_URL
from shared.messaging.errors import NotYet
from shared.persistence.reading_audit import ReadingFilter, readings
from shared.persistence.unit_of_work import UnitOfWork

MOST_READINGS = 200
"""Of one dossier, the newest ones: an answer is one event."""


def provide_messages(work: UnitOfWork, dossier: str, request: str) -> None:
    """Answers what is kept about the applicant of a dossier. The answer travels encrypted, to intake alone.

    Args:
        work: the transaction.
        dossier: its code.
        request: to which it answers.

    Raises:
        NotYet: the contact has not arrived.
    """
    found = find_contact(work.connection, dossier)
    if found is None:
        raise NotYet(f"the contact of the applicant of {dossier} has not arrived")
    contact, corrected_at = found
    answer = {"dossier": dossier, "request": request, "provided_at": work.now}
    answer["contact"] = json_fields(asdict(contact) | {"corrected_at": corrected_at})
    answer["messages"] = [_message(one, contact) for one in messages_of_dossier(work.connection, dossier)]
    answer["readings"] = _readings(work.connection, dossier)
    work.emit("personal_data.messages_provided", answer)


def _message(message: MessageRow, contact: Contact) -> dict[str, Any]:
    """A message without how it was sent; a number that is no longer the applicant's may be a stranger's, and is masked."""
    phone = message.phone
    return json_fields(
        {
            "at": message.created_at,
            "finished_at": message.finished_at,
            "kind": message.kind,
            "channel": message.channel,
            "state": str(message.state),
            "phone": phone if phone is None or phone == _mobile(contact.phone) else mask_phone(phone),
            "text": fill_public_url(message.text, PUBLIC_URL),
        }
    )


def _mobile(typed: str) -> str:
    try:
        return mobile_number(typed)
    except NotMobile:
        return ""


def _readings(connection: Connection, dossier: str) -> list[dict[str, Any]]:
    found, _ = readings(connection, ReadingFilter(record=dossier), None, MOST_READINGS)
    return [json_fields({"at": one.at, "agency": one.agency, "action": one.action}) for one in found]
