"""E-mails about published reports, and who gets them.

A recipient has no dossier. Their address is kept as a contact without a name, under the recipient's id, as for an appointment.
"""

from __future__ import annotations

import secrets
from uuid import uuid4

from services.notify.channels.email.address import BadAddress, parse_address
from services.notify.contacts.domain import Contact
from services.notify.contacts.store import add_contact, erase_contact
from services.notify.messages.commands import cancel_pending, queue_message
from services.notify.messages.erasure import erase_messages
from services.notify.reports import store
from services.notify.reports.store import Recipient
from services.notify.templates.domain import LANGUAGES
from shared.agencies import Agencies
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

KIND = "report_published"
CORRECTED = "corrected"
REMOVED = "the recipient gets no more e-mails about reports"
MOST = 200
"""Recipients of an agency's reports."""
SAME = ("number", "published_at")
"""What every event about one report says alike."""


class RecipientError(ValueError):
    """A recipient cannot be entered like this.

    Attributes:
        field: what is wrong: ``agency``, ``email`` or ``language``.
        vi, en: why.
    """

    def __init__(self, field: str, vi: str, en: str) -> None:
        super().__init__(en)
        self.field, self.vi, self.en = field, vi, en


class UnknownRecipient(Exception):
    """There is no such recipient, or they get no e-mails any more."""


def on_report_published(event: Event, work: UnitOfWork) -> None:
    """Sends where a published report is to be read, with its main numbers, to each recipient; once for each version.

    Raises:
        shared.messaging.errors.Conflict: another report of this id is known.
    """
    data = event.data
    variant = CORRECTED if data["replaces"] is not None else ""
    for one in store.listed(work.connection, [data["agency"]], MOST):
        values = {
            **data,
            "dossier": one.recipient.id,
            "token": store.token_of(one.recipient),
            "period": data[f"period_{one.language}"],
            "agency_name": _name(work.reference.agencies, data["agency"], work),
        }
        queue_message(work, KIND, data["report"], values, variant, SAME, one.language)


def add_recipient(work: UnitOfWork, agency: str, email: str, language: str, by: str) -> str:
    """Enters a recipient of an agency's reports; returns their id. An address that is entered already keeps its id.

    Args:
        work: the transaction.
        agency: whose reports.
        email: as typed.
        language: ``vi`` or ``en``.
        by: subject of who enters it.

    Raises:
        RecipientError: the agency is unknown, nothing can be sent to the address, or there are too many.
    """
    today = work.now.astimezone(VIETNAM).date()
    if not work.reference.agencies.exists(agency, today):
        raise RecipientError("agency", "Không có cơ quan này.", "There is no such agency.")
    if language not in LANGUAGES:
        raise RecipientError("language", "Không có ngôn ngữ này.", "There is no such language.")
    try:
        address = str(parse_address(email))
    except BadAddress:
        raise RecipientError("email", "Địa chỉ thư điện tử không hợp lệ.", "This is no e-mail address.") from None
    known = store.listed(work.connection, [agency], MOST + 1)
    same = next((one.recipient.id for one in known if one.email.casefold() == address.casefold()), None)
    if same is not None:
        return same
    if len(known) >= MOST:
        raise RecipientError("agency", f"Tối đa {MOST} người nhận.", f"There may be {MOST} recipients at most.")
    recipient = Recipient(str(uuid4()), agency, secrets.token_urlsafe(16), by, work.now)
    store.add(work, recipient)
    add_contact(work, Contact(recipient.id, "", "", address, registered_at=work.now, language=language))
    return recipient.id


def remove_recipient(work: UnitOfWork, id_: str) -> None:
    """Ends e-mails to a recipient: what was not sent yet never is, and their address is erased.

    Raises:
        UnknownRecipient: they get none.
    """
    if not store.remove(work.connection, id_, work.now):
        raise UnknownRecipient(id_)
    cancel_pending(work, id_, REMOVED)
    erase_contact(work, id_)
    erase_messages(work, id_)


def unsubscribe(work: UnitOfWork, token: str) -> None:
    """Ends e-mails to the recipient who holds the link with this token; does nothing if that was done before.

    Raises:
        UnknownRecipient: nobody holds it.
    """
    found = store.by_token(work.connection, token)
    if found is None:
        raise UnknownRecipient
    if found.removed_at is None:
        remove_recipient(work, found.id)


def _name(agencies: Agencies, agency: str, work: UnitOfWork) -> str:
    return agencies.name_of(agency, work.now.astimezone(VIETNAM).date())
