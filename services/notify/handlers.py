"""What notify listens to: contacts, and the moments at which a citizen is told something."""

from __future__ import annotations

from collections.abc import Mapping

from services.notify.contacts.domain import NotMobile, mobile_number
from services.notify.messages import store
from services.notify.messages.domain import State, message_id
from services.notify.templates.domain import compose
from services.notify.templates.template_loader import numbering_plan, sms_templates
from shared.messaging.apply import Handler
from shared.messaging.errors import NotYet
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

SMS = "sms"


def on_applicant_registered(event: Event, work: UnitOfWork) -> None:
    """Keeps how to reach the applicant."""
    fields = ("dossier", "name", "phone", "email")
    store.register(work.connection, {name: event.data[name] for name in fields} | {"registered_at": work.now})


def on_dossier_received(event: Event, work: UnitOfWork) -> None:
    """Tells that the dossier was received and when its result is promised."""
    _queue_message(work, "received", _identity(event), event.data)


def on_obligation_requested(event: Event, work: UnitOfWork) -> None:
    """Tells what is to be paid; once for each obligation, however often it is said."""
    _queue_message(work, "obligation", event.data["obligation"], event.data)


def on_supplement_requested(event: Event, work: UnitOfWork) -> None:
    """Tells what is to be handed in, until when if there is an end, and that the one-stop desk takes it (NĐ 118/2025, Điều 5.1e, 19.5);
    once."""
    without_end = "supplement_requested.without_end" if event.data["until"] is None else ""
    _queue_message(work, "supplement_requested", event.data["task"], event.data, text_of=without_end)


def on_dossier_resumed(event: Event, work: UnitOfWork) -> None:
    """Tells the new promised time after a supplement; that any other wait is over is nothing to tell."""
    if event.data["supplemented"]:
        _queue_message(work, "supplemented", _identity(event), event.data)


def on_dossier_extended(event: Event, work: UnitOfWork) -> None:
    """Tells the apology and the new day (NĐ 118/2025, Điều 19.6)."""
    _queue_message(work, "extended", _identity(event), event.data)


def on_dossier_stopped(event: Event, work: UnitOfWork) -> None:
    """Tells that the dossier ended without a result, and why."""
    _queue_message(work, "stopped", _identity(event), event.data, text_of=f"stopped.{event.data['cause']}")


def on_dossier_corrected(event: Event, work: UnitOfWork) -> None:
    """Tells that the agency has corrected an error of its own (NĐ 118/2025, Điều 23.1); once for each correction."""
    _queue_message(work, "corrected", event.data["correction"], event.data)


def on_dossier_resolved(event: Event, work: UnitOfWork) -> None:
    """Tells that the result is ready, also when that is before the promised day (NĐ 118/2025, Điều 22.5)."""
    _queue_message(work, "result_ready", _identity(event), event.data)


def on_rating_invited(event: Event, work: UnitOfWork) -> None:
    """Hands the citizen the one-time token of a rating."""
    _queue_message(work, "rating_invitation", _identity(event), event.data)


HANDLERS: dict[str, Handler] = {
    "applicant.registered": on_applicant_registered,
    "dossier.received": on_dossier_received,
    "obligation.requested": on_obligation_requested,
    "supplement.requested": on_supplement_requested,
    "dossier.resumed": on_dossier_resumed,
    "dossier.extended": on_dossier_extended,
    "dossier.stopped": on_dossier_stopped,
    "dossier.resolved": on_dossier_resolved,
    "dossier.corrected": on_dossier_corrected,
    "rating.invited": on_rating_invited,
}


def _identity(event: Event) -> str:
    return f"{event.source}#{event.id}"


def _queue_message(work: UnitOfWork, kind: str, cause: str, values: Mapping[str, object], text_of: str = "") -> None:
    """Queues a message, or records with its reason why none is sent.

    Args:
        work: the transaction.
        kind: what is told.
        cause: what it is told for; the same one is told once.
        values: what the text's places are filled in from.
        text_of: which template; that of the kind by default.

    Raises:
        NotYet: the applicant's contact has not arrived.
    """
    dossier = str(values["dossier"])
    typed = store.phone_of(work.connection, dossier)
    if typed is None:
        raise NotYet(f"how to reach the applicant of {dossier} is not known")
    state, phone, reason = State.QUEUED, None, ""
    try:
        phone = mobile_number(typed, numbering_plan())
    except NotMobile as why:
        state, reason = State.SKIPPED, str(why)
    text = compose(sms_templates()[text_of or kind], values)
    id_ = message_id(dossier, kind, cause)
    is_new = store.add_message(
        work.connection,
        {
            "id": id_,
            "dossier": dossier,
            "kind": kind,
            "cause": cause,
            "channel": SMS,
            "state": state,
            "phone": phone,
            "text": text.shown,
            "body": text.body if state is State.QUEUED else None,
            "reason": reason,
            "created_at": work.now,
            "due_at": work.clock.wall(),
            "finished_at": None if state is State.QUEUED else work.now,
        },
    )
    if is_new and state is State.SKIPPED:
        skipped = {
            "dossier": dossier,
            "message": id_,
            "kind": kind,
            "channel": SMS,
            "reason": reason,
            "skipped_at": work.now,
        }
        work.emit("message.skipped", skipped)
