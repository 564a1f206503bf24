"""Queues messages to the applicant of a dossier, and cancels them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.notify.channels.domain import Channel
from services.notify.channels.plan_loader import channel_plans
from services.notify.channels.plans import channels_in_text, text_of_channels
from services.notify.contacts.domain import Contact
from services.notify.contacts.store import contact_of
from services.notify.delivery.composition import write_variables
from services.notify.delivery.progress import refresh, start_besides, start_channels
from services.notify.delivery.quiet_hours import quiet_hours
from services.notify.delivery.states import PENDING, State
from services.notify.delivery.store import change_deliveries, end_waits, lock_pending
from services.notify.messages.domain import MessageState, content_digest, message_id
from services.notify.messages.store import Message, add_message, forget_variables
from services.notify.templates.domain import PLACEHOLDERS
from shared.messaging.errors import NotYet
from shared.persistence.unit_of_work import UnitOfWork

DEADLINES = ("until", "expires_at")
"""Placeholders of the moment until which the reader may do something."""


def queue_message(
    work: UnitOfWork,
    kind: str,
    cause: str,
    values: Mapping[str, object],
    variant: str = "",
    same: Sequence[str] = (),
    language: str = "",
) -> None:
    """Queues a message through the first channel that reaches the applicant, or records as `skipped` why none can. Queues one message
    for each dossier, kind and cause.

    Args:
        work: the transaction.
        kind: which message, such as ``received``.
        cause: why it is sent: the identity of the causing event, or of the obligation, step or correction.
        values: placeholder → value, among them `dossier`, and the agency that the event names, if any.
        variant: which text of a kind that has several; see :data:`services.notify.templates.domain.PLACEHOLDERS`.
        same: the values that every event about this cause gives alike; empty where the event is the cause.
        language: ``vi`` or ``en``; empty for the contact's.

    Raises:
        NotYet: the applicant's contact has not arrived.
        shared.messaging.errors.Conflict: an earlier event about this cause gave another of these values.
    """
    dossier = str(values["dossier"])
    found = contact_of(work, dossier)
    if found is None:
        raise NotYet(f"the contact of the applicant of {dossier} has not arrived")
    contact, template = found[0], f"{kind}.{variant}" if variant else kind
    plan = channel_plans().of(kind)
    message = Message(
        id=message_id(dossier, kind, cause),
        dossier=dossier,
        kind=kind,
        template=template,
        cause=cause,
        content=content_digest(values, same),
        agency=str(values.get("receiving_agency") or values.get("agency") or ""),
        language=language or contact.language,
        plan=text_of_channels(_reachable(contact, plan.ordered(channels_in_text(contact.channels)))),
        variables=write_variables(values, PLACEHOLDERS[template]),
        state=MessageState.QUEUED,
        urgent=quiet_hours().is_urgent(kind, work.now, _deadlines(values)),
        created_at=work.now,
    )
    if not add_message(work.connection, message):
        return
    start_besides(work, message, contact, plan.also)
    if not start_channels(work, message, contact, channels_in_text(message.plan)):
        refresh(work, [message.id])


def _reachable(contact: Contact, channels: Sequence[Channel]) -> Sequence[Channel]:
    """The channels for which the citizen gave an address; by SMS if there is none at all."""
    given = [channel for channel in channels if contact.given(channel)]
    return given or [Channel.SMS if Channel.SMS in channels else channels[0]]


def cancel_pending(work: UnitOfWork, dossier: str, reason: str, kind: str = "") -> None:
    """Cancels the messages of a dossier that were not sent yet, and announces that.

    Args:
        work: the transaction.
        dossier: its code.
        reason: why, without personal data.
        kind: only messages of this kind; empty for all.
    """
    pending = lock_pending(work, dossier, kind)
    if not pending:
        return
    waiting = [one.id for one in pending if one.state in PENDING]
    change_deliveries(work.connection, waiting, State.SKIPPED, reason=reason, finished_at=work.now)
    end_waits(work.connection, [one.id for one in pending])
    forget_variables(work.connection, dossier, kind)
    refresh(work, {one.message for one in pending})


def _deadlines(values: Mapping[str, object]) -> list[datetime]:
    return [value for value in map(values.get, DEADLINES) if isinstance(value, datetime)]
