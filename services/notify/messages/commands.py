"""Queues a message to the applicant of a dossier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.notify.contacts.domain import NotMobile, mobile_number
from services.notify.contacts.store import phone_of
from services.notify.delivery.quiet_hours import quiet_hours
from services.notify.messages.domain import State, message_id
from services.notify.messages.store import NewMessage, add_message
from services.notify.templates.domain import compose
from services.notify.templates.template_loader import sms_templates
from shared.messaging.errors import NotYet
from shared.persistence.unit_of_work import UnitOfWork

SMS = "sms"
DEADLINES = ("until", "expires_at")
"""Placeholders of the moment until which the reader may do something."""


def queue_message(work: UnitOfWork, kind: str, cause: str, values: Mapping[str, object], variant: str = "") -> None:
    """Queues a message, or records as `skipped` why none can be sent. Queues one message for each dossier, kind and cause.

    Args:
        work: the transaction.
        kind: which message, such as ``received``.
        cause: why it is sent: the identity of the causing event, or of the obligation, step or correction.
        values: placeholder → value, among them `dossier`, and the agency that the event names, if any.
        variant: which text of a kind that has several; see :data:`services.notify.templates.domain.PLACEHOLDERS`.

    Raises:
        NotYet: the applicant's contact has not arrived.
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
    is_new = add_message(work.connection, message)
    if is_new and not queued:
        skipped = {
            "dossier": dossier,
            "message": message.id,
            "kind": kind,
            "channel": SMS,
            "reason": reason,
            "skipped_at": work.now,
        }
        work.emit("message.skipped", skipped)


def _deadlines(values: Mapping[str, object]) -> list[datetime]:
    return [value for value in map(values.get, DEADLINES) if isinstance(value, datetime)]
