"""What stats listens to. Every handler writes down one fact; none has to wait for another, whatever comes first."""

from __future__ import annotations

from services.stats import facts
from services.stats.domain import is_early
from shared.bus.apply import Handler
from shared.bus.event import Event
from shared.store import UnitOfWork


def on_dossier_received(event: Event, work: UnitOfWork) -> None:
    """The dossier exists, and is promised."""
    data = event.data
    same = ("field", "procedure", "case", "channel", "regulation", "fee", "received_at", "promised_at")
    row = {name: data[name] for name in same}
    row |= {"code": data["dossier"], "agency": data["receiving_agency"], "due_at": data["promised_at"]}
    facts.write(work.connection, facts.RECEIVED, row)


def on_dossier_overdue(event: Event, work: UnitOfWork) -> None:
    """The due time passed; from here on the dossier counts as late, whatever follows."""
    data = event.data
    row = {"code": data["dossier"], "handling_agency": data["agency"], "due_at": data["due_at"]}
    row |= {"overdue_at": data["overdue_at"], "late_at": data["overdue_at"]}
    facts.write(work.connection, facts.OVERDUE, row)


def on_dossier_resolved(event: Event, work: UnitOfWork) -> None:
    """The result is there, early, on time or late."""
    data = event.data
    row = {name: data[name] for name in ("promised_at", "due_at", "resolved_at", "outcome", "on_time")}
    row |= {
        "code": data["dossier"],
        "handling_agency": data["agency"],
        "early": data["on_time"] and is_early(data["resolved_at"], data["due_at"]),
        "late_at": None if data["on_time"] else data["resolved_at"],
    }
    facts.write(work.connection, facts.RESOLVED, row)


def on_dossier_returned(event: Event, work: UnitOfWork) -> None:
    """The citizen has the result."""
    data = event.data
    row = {"code": data["dossier"], "agency": data["receiving_agency"], "returned_at": data["returned_at"]}
    facts.write(work.connection, facts.RETURNED, row | {"field": data["field"], "procedure": data["procedure"]})


def on_rating_given(event: Event, work: UnitOfWork) -> None:
    """The citizen said how it went."""
    data = event.data
    row = {name: data[name] for name in ("agency", "field", "procedure", "score")}
    facts.write(work.connection, facts.RATED, row | {"code": data["dossier"], "rated_at": data["given_at"]})


def on_step_completed(event: Event, work: UnitOfWork) -> None:
    """An agency finished its part."""
    facts.write(work.connection, facts.STEP, event.data)


def on_fee_paid(event: Event, work: UnitOfWork) -> None:
    """Money came in."""
    facts.write(work.connection, facts.PAYMENT, event.data)


def on_message_sent(event: Event, work: UnitOfWork) -> None:
    """A message left."""
    _message(event, work, "sent", "", event.data["segments"])


def on_message_failed(event: Event, work: UnitOfWork) -> None:
    """A message was given up."""
    _message(event, work, "failed", event.data["reason"], 0)


def on_message_skipped(event: Event, work: UnitOfWork) -> None:
    """A message was not sent, on purpose."""
    _message(event, work, "skipped", event.data["reason"], 0)


HANDLERS: dict[str, Handler] = {
    "dossier.received": on_dossier_received,
    "dossier.overdue": on_dossier_overdue,
    "dossier.resolved": on_dossier_resolved,
    "dossier.returned": on_dossier_returned,
    "rating.given": on_rating_given,
    "step.completed": on_step_completed,
    "fee.paid": on_fee_paid,
    "message.sent": on_message_sent,
    "message.failed": on_message_failed,
    "message.skipped": on_message_skipped,
}


def _message(event: Event, work: UnitOfWork, state: str, reason: str, segments: int) -> None:
    row = {name: event.data[name] for name in ("message", "dossier", "kind", "channel")}
    row |= {"state": state, "reason": reason, "segments": segments, "at": event.data[f"{state}_at"]}
    facts.write(work.connection, facts.MESSAGE, row)
