"""What changes contacts after they were registered."""

from __future__ import annotations

from datetime import datetime

from services.notify.channels.domain import Channel
from services.notify.channels.plans import channels_in_text
from services.notify.contacts.domain import Contact
from services.notify.contacts.store import SAID, find_contact, replace_contact
from services.notify.delivery.composition import BESIDES
from services.notify.delivery.progress import refresh, start_besides, start_channels
from services.notify.delivery.states import PENDING, State
from services.notify.delivery.store import DeliveryState, change_deliveries, lock_pending
from services.notify.messages.store import change_messages, lock_messages
from shared.messaging.errors import NotYet
from shared.messaging.records import require_same
from shared.persistence.unit_of_work import UnitOfWork

REASONS = {
    Channel.SMS: "the phone number was corrected",
    Channel.EMAIL: "the e-mail address was corrected",
    Channel.CHAT: "the chat user was corrected",
    Channel.LETTER: "the postal address was corrected",
}


def correct_contact(work: UnitOfWork, contact: Contact, corrected_at: datetime, cause: str) -> None:
    """Replaces a contact unless a later correction is known. What waits for an old address is not sent there, but to the new one,
    except secrets, which are void. What a provider has just taken over cannot be called back.

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
        known, given = ({name: getattr(one, name) for name in SAID} for one in (old, contact))
        require_same(f"the correction of {contact.dossier}", known, given)
    if not replace_contact(work, contact, corrected_at):
        return
    moved = {channel for channel in Channel if old.given(channel) != contact.given(channel)}
    waiting = [one for one in lock_pending(work, contact.dossier) if Channel(one.channel) in moved]
    _redirect(work, [one for one in waiting if one.state in PENDING], contact, cause)


def _redirect(work: UnitOfWork, waiting: list[DeliveryState], contact: Contact, cause: str) -> None:
    messages = {one.id: one for one in lock_messages(work.connection, {one.message for one in waiting})}
    for one in waiting:
        reason = REASONS[Channel(one.channel)]
        change_deliveries(work.connection, [one.id], State.SKIPPED, reason=reason, finished_at=work.now)
    void = [one.message for one in waiting if one.is_secret]
    change_messages(work.connection, void, variables=None)
    for one in waiting:
        message = messages[one.message]
        if one.message in void or message.variables is None:
            continue
        if one.position == BESIDES:
            start_besides(work, message, contact, [Channel(one.channel)], cause)
        else:
            start_channels(work, message, contact, channels_in_text(message.plan)[one.position :], cause)
    refresh(work, messages.keys())
