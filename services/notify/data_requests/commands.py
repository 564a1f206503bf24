"""Answers what notify keeps about the applicant of a dossier: how to reach them, what was sent to them, and who has read that."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from services.notify.channels.domain import Channel
from services.notify.contacts.domain import Contact, NotReachable, mask_address
from services.notify.contacts.store import find_contact
from services.notify.messages.queries import DeliveryRow, deliveries_of_dossier
from services.notify.templates.domain import fill_public_url
from shared.contracts import json_fields
from shared.contracts.personal_data import PUBLIC_URL
from shared.messaging.errors import NotYet
from shared.persistence.reading_audit import ReadingFilter, readings
from shared.persistence.unit_of_work import UnitOfWork

MOST_READINGS = 200
"""Of one dossier, the newest ones: an answer is one event."""

_ADDRESSES = {Channel.SMS: "phone", Channel.EMAIL: "email", Channel.CHAT: "chat_user", Channel.LETTER: "address"}


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
    work.flush()  # deliveries that this transaction has queued are among the answer
    answer = {"dossier": dossier, "request": request, "provided_at": work.now}
    answer["contact"] = json_fields(asdict(contact) | {"corrected_at": corrected_at})
    answer["messages"] = [_message(one, contact) for one in deliveries_of_dossier(work.connection, dossier)]
    answer["readings"] = _readings(work.connection, dossier)
    work.emit("personal_data.messages_provided", answer)


def _message(message: DeliveryRow, contact: Contact) -> dict[str, Any]:
    """A message without how it was sent; an address that is no longer the applicant's may be a stranger's, and is masked."""
    address = message.address
    own = address is None or address == _reached_at(contact, Channel(message.channel))
    return json_fields(
        {
            "at": message.created_at,
            "finished_at": message.finished_at,
            "kind": message.kind,
            "channel": message.channel,
            "state": str(message.state),
            _ADDRESSES[Channel(message.channel)]: address
            if own or address is None
            else mask_address(message.channel, address),
            "text": fill_public_url(message.text, PUBLIC_URL),
        }
    )


def _reached_at(contact: Contact, channel: Channel) -> str:
    try:
        return contact.reached_at(channel)
    except NotReachable:
        return ""


def _readings(connection: Connection, dossier: str) -> list[dict[str, Any]]:
    found, _ = readings(connection, ReadingFilter(record=dossier), None, MOST_READINGS)
    return [json_fields({"at": one.at, "agency": one.agency, "action": one.action}) for one in found]
