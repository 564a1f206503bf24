"""What stats listens to. Every handler writes down one fact; none has to wait for another, whatever comes first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.stats.facts import commands as facts
from services.stats.measures.domain import is_early, warning_id
from shared.messaging.apply import Handler
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


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


def on_supplement_requested(event: Event, work: UnitOfWork) -> None:
    """The citizen was asked for more papers."""
    row = {"code": event.data["dossier"], "supplement_requested_at": event.data["requested_at"]}
    facts.write(work.connection, facts.SUPPLEMENT_REQUESTED, row)


def on_dossier_supplemented(event: Event, work: UnitOfWork) -> None:
    """The citizen handed them in."""
    row = {"code": event.data["dossier"], "supplemented_at": event.data["supplemented_at"]}
    facts.write(work.connection, facts.SUPPLEMENTED, row)


def on_dossier_extended(event: Event, work: UnitOfWork) -> None:
    """The dossier is promised anew; from here on it is on time or late by the new date."""
    row = {"code": event.data["dossier"], "extended_at": event.data["extended_at"], "due_at": event.data["due_at"]}
    facts.write(work.connection, facts.EXTENDED, row)


def on_dossier_stopped(event: Event, work: UnitOfWork) -> None:
    """The dossier ended without a result; it is late if it ended after its due time."""
    data = event.data
    row = {"code": data["dossier"], "handling_agency": data["agency"], "stopped_at": data["stopped_at"]}
    row |= {"stop_cause": data["cause"], "stopped_on_time": data["on_time"]}
    row |= {"late_at": None if data["on_time"] else data["stopped_at"]}
    facts.write(work.connection, facts.STOPPED, row)


def on_dossier_corrected(event: Event, work: UnitOfWork) -> None:
    """An agency put an error of its own right."""
    facts.write(work.connection, facts.CORRECTION, event.data)


def on_dossier_due_soon(event: Event, work: UnitOfWork) -> None:
    """A dossier is due soon."""
    _warning(work, "dossier_due_soon", event.data, event.data["due_at"], event.data["warned_at"])


def on_step_due_soon(event: Event, work: UnitOfWork) -> None:
    """A step is due soon."""
    _warning(work, "step_due_soon", event.data, event.data["due_at"], event.data["warned_at"])


def on_step_overdue(event: Event, work: UnitOfWork) -> None:
    """A step passed its due time."""
    _warning(work, "step_overdue", event.data, event.data["due_at"], event.data["warned_at"])


def on_step_returned(event: Event, work: UnitOfWork) -> None:
    """An agency handed a step back."""
    _warning(work, "step_returned", event.data, None, event.data["returned_at"])


def on_dossier_resolved(event: Event, work: UnitOfWork) -> None:
    """The result is there, early, on time or late."""
    data = event.data
    row = {name: data[name] for name in ("promised_at", "due_at", "resolved_at", "outcome", "on_time", "index_on_time")}
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
    "dossier.supplemented": on_dossier_supplemented,
    "dossier.due_soon": on_dossier_due_soon,
    "dossier.overdue": on_dossier_overdue,
    "dossier.extended": on_dossier_extended,
    "dossier.stopped": on_dossier_stopped,
    "dossier.resolved": on_dossier_resolved,
    "dossier.corrected": on_dossier_corrected,
    "dossier.returned": on_dossier_returned,
    "rating.given": on_rating_given,
    "step.completed": on_step_completed,
    "step.due_soon": on_step_due_soon,
    "step.overdue": on_step_overdue,
    "step.returned": on_step_returned,
    "supplement.requested": on_supplement_requested,
    "fee.paid": on_fee_paid,
    "message.sent": on_message_sent,
    "message.failed": on_message_failed,
    "message.skipped": on_message_skipped,
}


def _warning(work: UnitOfWork, kind: str, data: Mapping[str, Any], due_at: datetime | None, at: datetime) -> None:
    task = data.get("task")
    row = {"kind": kind, "dossier": data["dossier"], "task": task, "step": data.get("step"), "agency": data["agency"]}
    row |= {"id": warning_id(kind, task or data["dossier"], due_at or at), "due_at": due_at, "at": at}
    facts.write(work.connection, facts.WARNING, row)


def _message(event: Event, work: UnitOfWork, state: str, reason: str, segments: int) -> None:
    row = {name: event.data[name] for name in ("message", "dossier", "kind", "channel")}
    row |= {"state": state, "reason": reason, "segments": segments, "at": event.data[f"{state}_at"]}
    facts.write(work.connection, facts.MESSAGE, row)
