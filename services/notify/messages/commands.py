"""Queues a message to the applicant of a dossier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.notify.contacts.domain import NotMobile, mobile_number
from services.notify.contacts.store import phone_of
from services.notify.delivery.quiet_hours import quiet_hours
from services.notify.messages.domain import State, content_digest, message_id
from services.notify.messages.store import HINT, NewMessage, PendingMessage, add_message, skip_messages, take_pending
from services.notify.templates.domain import compose
from services.notify.templates.template_loader import sms_templates
from shared.messaging.errors import NotYet
from shared.persistence.unit_of_work import UnitOfWork

SMS = "sms"
DEADLINES = ("until", "expires_at")
"""Placeholders of the moment until which the reader may do something."""


def queue_message(
    work: UnitOfWork,
    kind: str,
    cause: str,
    values: Mapping[str, object],
    variant: str = "",
    same: Sequence[str] = (),
) -> None:
    """Queues a message, or records as `skipped` why none can be sent. Queues one message for each dossier, kind and cause.

    Args:
        work: the transaction.
        kind: which message, such as ``received``.
        cause: why it is sent: the identity of the causing event, or of the obligation, step or correction.
        values: placeholder → value, among them `dossier`, and the agency that the event names, if any.
        variant: which text of a kind that has several; see :data:`services.notify.templates.domain.PLACEHOLDERS`.
        same: the values that every event about this cause gives alike; empty where the event is the cause.

    Raises:
        NotYet: the applicant's contact has not arrived.
        shared.messaging.errors.Conflict: an earlier event about this cause gave another of these values.
    """
    dossier = str(values["dossier"])
    typed_phone = phone_of(work.connection, dossier)
    if typed_phone is None:
        raise NotYet(f"the contact of the applicant of {dossier} has not arrived")
    state, phone, reason = State.QUEUED, None, ""
    try:
        phone = mobile_number(typed_phone)
    except NotMobile as error:
        state, reason = State.SKIPPED, str(error)
    composed = compose(sms_templates()[f"{kind}.{variant}" if variant else kind], values)
    queued = state is State.QUEUED
    message = NewMessage(
        id=message_id(dossier, kind, cause),
        dossier=dossier,
        kind=kind,
        cause=cause,
        content=content_digest(values, same),
        agency=str(values.get("receiving_agency") or values.get("agency") or ""),
        channel=SMS,
        state=state,
        phone=phone,
        text=composed.text,
        secret_text=composed.secret_text if queued else None,
        reason=reason,
        created_at=work.now,
        urgent=quiet_hours().is_urgent(kind, work.now, _deadlines(values)),
        due_at=work.clock.wall(),
        finished_at=None if queued else work.now,
    )
    if _add(work, message) and not queued:
        _emit_skipped(work, message, reason)


def cancel_pending(work: UnitOfWork, dossier: str, reason: str, kind: str = "") -> list[PendingMessage]:
    """Cancels the messages of a dossier that were not sent yet, and announces that.

    Args:
        work: the transaction.
        dossier: its code.
        reason: why, without personal data.
        kind: only messages of this kind; empty for all.

    Returns:
        the cancelled messages as they were.
    """
    pending = take_pending(work.connection, dossier, kind)
    if pending:
        skip_messages(work.connection, [message.id for message in pending], reason, work.now)
    for message in pending:
        _emit_skipped(work, message, reason)
    return pending


def queue_copy(work: UnitOfWork, message: PendingMessage, typed_phone: str, cause: str) -> None:
    """Queues a cancelled message again for another number.

    Args:
        work: the transaction.
        message: as it was.
        typed_phone: the number as the citizen gave it.
        cause: the identity of the event that made it necessary.
    """
    state, phone, reason = State.QUEUED, None, ""
    try:
        phone = mobile_number(typed_phone)
    except NotMobile as error:
        state, reason = State.SKIPPED, str(error)
    new_cause = f"{message.cause}#{cause}"[-320:]
    copy = NewMessage(
        id=message_id(message.dossier, message.kind, new_cause),
        dossier=message.dossier,
        kind=message.kind,
        cause=new_cause,
        content="",
        agency=message.agency,
        channel=message.channel,
        state=state,
        phone=phone,
        text=message.text,
        secret_text=None,
        reason=reason,
        created_at=work.now,
        urgent=message.urgent,
        due_at=work.clock.wall(),
        finished_at=None if phone else work.now,
    )
    if _add(work, copy) and phone is None:
        _emit_skipped(work, copy, reason)


def _add(work: UnitOfWork, message: NewMessage) -> bool:
    is_new = add_message(work.connection, message)
    if message.state == State.QUEUED:
        work.hint(HINT)
    return is_new


def _emit_skipped(work: UnitOfWork, message: NewMessage | PendingMessage, reason: str) -> None:
    data = {"dossier": message.dossier, "message": message.id, "kind": message.kind, "channel": message.channel}
    work.emit("message.skipped", data | {"reason": reason, "skipped_at": work.now})


def _deadlines(values: Mapping[str, object]) -> list[datetime]:
    return [value for value in map(values.get, DEADLINES) if isinstance(value, datetime)]
