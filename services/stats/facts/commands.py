"""The writers of facts, one for each event type. Each writes only what its event says and waits for no other event.

What was recorded first stays. An event that says something else of the same record raises a Conflict; but routing, restored from a backup,
has its steps decided again, so that times and officials' choices on the way may differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from services.stats.facts import statements
from services.stats.facts.domain import is_early, warning_id
from services.stats.facts.store import (
    corrections,
    declined_filings,
    documents,
    payments,
    refunds,
    steps,
    waivers,
    warnings,
)
from shared.messaging.errors import Conflict
from shared.messaging.event import Event
from shared.messaging.records import add_once
from shared.persistence.unit_of_work import UnitOfWork


def record_dossier_received(event: Event, work: UnitOfWork) -> None:
    """The dossier was received, and its result promised.

    Raises:
        Conflict: another dossier of this code was received.
    """
    data = event.data
    same = ("field", "procedure", "case", "channel", "regulation", "fee", "received_at", "promised_at")
    row = {name: data[name] for name in same}
    row |= {"code": data["dossier"], "agency": data["receiving_agency"], "due_at": data["promised_at"]}
    _write(work, statements.RECEIVED, row)


def record_dossier_overdue(event: Event, work: UnitOfWork) -> None:
    """The due time passed. From then on the dossier counts as late, whenever it was noticed, unless it is withdrawn."""
    data = event.data
    row = {"code": data["dossier"], "handling_agency": data["agency"], "due_at": data["due_at"]}
    row |= {"overdue_at": data["overdue_at"], "late_at": data["overdue_at"]}
    _write(work, statements.OVERDUE, row)


def record_overdue_withdrawn(event: Event, work: UnitOfWork) -> None:
    """The due time had not passed as announced, because its day was off: the dossier counts as late from a later time, or not at all."""
    data = event.data
    ended_at, on_time, due_at = data["ended_at"], data["on_time"], data["due_at"]
    late_at = min(due_at, ended_at) if on_time is False and ended_at else None
    row = {"code": data["dossier"], "due_at": due_at, "overdue_withdrawn_at": data["was_overdue_at"]}
    row |= {"overdue_at": data["overdue_at"], "late_at": data["overdue_at"] or late_at}
    row |= {"on_time": on_time, "stopped_on_time": on_time, "index_on_time": data["index_on_time"]}
    row |= {"early": None if ended_at is None else bool(on_time) and is_early(ended_at, due_at)}
    statements.write(work.connection, statements.OVERDUE_WITHDRAWN, row)


def record_supplement_requested(event: Event, work: UnitOfWork) -> None:
    """The citizen was asked for more papers."""
    row = {"code": event.data["dossier"], "supplement_requested_at": event.data["requested_at"]}
    _write(work, statements.SUPPLEMENT_REQUESTED, row)


def record_dossier_supplemented(event: Event, work: UnitOfWork) -> None:
    """The citizen handed in the papers."""
    row = {"code": event.data["dossier"], "supplemented_at": event.data["supplemented_at"]}
    _write(work, statements.SUPPLEMENTED, row)


def record_dossier_extended(event: Event, work: UnitOfWork) -> None:
    """The due time was moved. From now on the dossier is on time or late by the new due time."""
    row = {"code": event.data["dossier"], "extended_at": event.data["extended_at"], "due_at": event.data["due_at"]}
    _write(work, statements.EXTENDED, row)


def record_deadline_moved(event: Event, work: UnitOfWork) -> None:
    """The due day was declared off, so that the dossier is due on the next working day."""
    if event.data["deadline"] == "result":
        row = {"code": event.data["dossier"], "due_at": event.data["moved_to"]}
        _write(work, statements.DEADLINE_MOVED, row)


def record_dossier_stopped(event: Event, work: UnitOfWork) -> None:
    """The dossier ended without a result; it is late if it ended after its due time.

    Raises:
        Conflict: it ended for another cause.
    """
    data = event.data
    row = {"code": data["dossier"], "handling_agency": data["agency"], "stopped_at": data["stopped_at"]}
    row |= {"stop_cause": data["cause"], "stopped_on_time": data["on_time"]}
    row |= {"late_at": None if data["on_time"] else min(data["due_at"], data["stopped_at"])}
    _write(work, statements.STOPPED, row)


def record_dossier_corrected(event: Event, work: UnitOfWork) -> None:
    """An agency corrected its own error.

    Raises:
        Conflict: another error of this id is known.
    """
    add_once(work.connection, corrections, event.data, same=("dossier", "found_at"))


def record_dossier_due_soon(event: Event, work: UnitOfWork) -> None:
    """A dossier is due soon."""
    _record_warning(work, "dossier_due_soon", event.data, event.data["due_at"], event.data["warned_at"])


def record_step_due_soon(event: Event, work: UnitOfWork) -> None:
    """A step is due soon."""
    _record_warning(work, "step_due_soon", event.data, event.data["due_at"], event.data["warned_at"])


def record_step_overdue(event: Event, work: UnitOfWork) -> None:
    """A step passed its due time; it counts at that time, whenever it was noticed."""
    _record_warning(work, "step_overdue", event.data, event.data["due_at"], event.data["due_at"])


def record_step_overdue_withdrawn(event: Event, work: UnitOfWork) -> None:
    """A step had not passed its due time as announced; if it is completed, it was in time.

    Raises:
        Conflict: it is a step of another dossier.
    """
    data = event.data
    _record_warning(work, "step_overdue", data, data["due_at"], data["due_at"], withdrawn=True)
    if data["completed_at"] is not None:
        columns = ("task", "dossier", "step", "agency", "outcome", "counted", "assigned_at", "completed_at")
        row = {name: data[name] for name in columns} | {"on_time": True}
        if not statements.write(work.connection, statements.STEP_IN_TIME, row):
            raise Conflict(f"step {row['task']} is known with other contents")


def record_step_returned(event: Event, work: UnitOfWork) -> None:
    """An agency returned a step."""
    _record_warning(work, "step_returned", event.data, None, event.data["returned_at"])


def record_dossier_resolved(event: Event, work: UnitOfWork) -> None:
    """The result is ready: early, on time or late.

    Raises:
        Conflict: another result is known.
    """
    data = event.data
    row = {name: data[name] for name in ("promised_at", "due_at", "resolved_at", "outcome", "on_time", "index_on_time")}
    row |= {
        "code": data["dossier"],
        "handling_agency": data["agency"],
        "early": data["on_time"] and is_early(data["resolved_at"], data["due_at"]),
        "late_at": None if data["on_time"] else min(data["due_at"], data["resolved_at"]),
    }
    _write(work, statements.RESOLVED, row)


def record_dossier_returned(event: Event, work: UnitOfWork) -> None:
    """The citizen got the result.

    Raises:
        Conflict: a dossier of another procedure or agency is known.
    """
    data = event.data
    row = {"code": data["dossier"], "agency": data["receiving_agency"], "returned_at": data["returned_at"]}
    row |= {"return_method": data["method"]}
    _write(work, statements.RETURNED, row | {"field": data["field"], "procedure": data["procedure"]})


def record_result_published(event: Event, work: UnitOfWork) -> None:
    """The file of an electronic result was published; the first time counts, another file may take its place."""
    row = {"code": event.data["dossier"], "published_at": event.data["published_at"]}
    _write(work, statements.RESULT_PUBLISHED, row)


def record_step_completed(event: Event, work: UnitOfWork) -> None:
    """An agency completed a step.

    Raises:
        Conflict: it is a step of another dossier.
    """
    add_once(work.connection, steps, event.data, same=("dossier", "step"))


def record_fee_paid(event: Event, work: UnitOfWork) -> None:
    """The citizen paid a fee or an obligation.

    Raises:
        Conflict: another payment of this id is known.
    """
    add_once(work.connection, payments, event.data)


def record_fee_waived(event: Event, work: UnitOfWork) -> None:
    """A fee was waived to somebody of a category; for which dossier, nobody tells. Intake, restored from a backup, has it decided again.

    Raises:
        Conflict: a waiver of this id is known for another procedure or agency.
    """
    row = {**event.data, "day": date.fromisoformat(event.data["day"])}
    add_once(work.connection, waivers, row, same=("agency", "field", "procedure"))


def record_fee_refunded(event: Event, work: UnitOfWork) -> None:
    """Money was paid back to the citizen.

    Raises:
        Conflict: another refund of this id is known.
    """
    add_once(work.connection, refunds, event.data)


def record_document_issued(event: Event, work: UnitOfWork) -> None:
    """An official paper about a dossier was issued.

    Raises:
        Conflict: another paper of this number and year is known.
    """
    add_once(work.connection, documents, event.data)


def record_filing_declined(event: Event, work: UnitOfWork) -> None:
    """A desk has turned a visitor away before filing, with form 02 or 03.

    Raises:
        Conflict: another declined filing of this id is known.
    """
    names = ("filing", "kind", "reason", "procedure", "field", "repeated", "declined_at")
    row = {name: event.data[name] for name in names}
    add_once(work.connection, declined_filings, row | {"agency": event.data["receiving_agency"]})


def record_message_sent(event: Event, work: UnitOfWork) -> None:
    """A message was sent."""
    _record_message(event, work, "sent", "", event.data["segments"])


def record_message_delivered(event: Event, work: UnitOfWork) -> None:
    """A message has reached the citizen."""
    _record_message(event, work, "delivered", "", 0)


def record_message_returned(event: Event, work: UnitOfWork) -> None:
    """A message came back."""
    _record_message(event, work, "returned", event.data["reason"], 0)


def record_message_failed(event: Event, work: UnitOfWork) -> None:
    """A message was given up."""
    _record_message(event, work, "failed", event.data["reason"], 0)


def record_message_skipped(event: Event, work: UnitOfWork) -> None:
    """A message was skipped, because it could not be sent."""
    _record_message(event, work, "skipped", event.data["reason"], 0)


def _write(work: UnitOfWork, statement: statements.Statement, row: Mapping[str, Any]) -> None:
    if not statements.write(work.connection, statement, row):
        raise Conflict(f"dossier {row['code']} is known with other contents")


def _record_warning(
    work: UnitOfWork,
    kind: str,
    data: Mapping[str, Any],
    due_at: datetime | None,
    at: datetime,
    *,
    withdrawn: bool = False,
) -> None:
    task = data.get("task")
    row = {"kind": kind, "dossier": data["dossier"], "task": task, "step": data.get("step"), "agency": data["agency"]}
    row |= {"id": warning_id(kind, task or data["dossier"], due_at or at), "due_at": due_at, "at": at}
    row |= {"withdrawn": withdrawn}
    if not withdrawn:
        add_once(work.connection, warnings, row, same=("dossier", "step"))
    elif not statements.write(work.connection, statements.WARNING_WITHDRAWN, row):
        raise Conflict(f"warning {row['id']} is known with other contents")


def _record_message(event: Event, work: UnitOfWork, state: str, reason: str, segments: int) -> None:
    row = {name: event.data[name] for name in ("message", "dossier", "kind", "channel")}
    at = event.data[f"{state}_at"]
    row |= {"state": state, "reason": reason, "segments": segments, "at": at, "state_at": at}
    if not statements.write(work.connection, statements.MESSAGE, row):
        raise Conflict(f"message {row['message']} is known of another dossier or kind")
