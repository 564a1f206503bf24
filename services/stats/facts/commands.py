"""The writers of facts, one for each event type. Each writes only what its event says and waits for no other event.

What was recorded first stays. An event that says something else of the same record raises a Conflict; but routing, restored from a backup,
has its steps decided again, so that times and officials' choices on the way may differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from services.stats.facts import dossiers, statements
from services.stats.facts.domain import warning_id
from services.stats.facts.dossiers import DOSSIERS
from services.stats.facts.rows import Row
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
from services.stats.facts.subjects import facts_of
from shared.messaging.errors import Conflict
from shared.messaging.event import Event
from shared.messaging.records import add_once
from shared.persistence.unit_of_work import UnitOfWork


def record_dossier_received(event: Event, work: UnitOfWork) -> None:
    """The dossier was received, and its result promised.

    Raises:
        Conflict: another dossier of this code was received.
    """
    _change(event, work, dossiers.received)


def record_dossier_overdue(event: Event, work: UnitOfWork) -> None:
    """The due time passed. From then on the dossier counts as late, whenever it was noticed, unless it is withdrawn."""
    _change(event, work, dossiers.overdue)


def record_overdue_withdrawn(event: Event, work: UnitOfWork) -> None:
    """The due time had not passed as announced, because its day was off: the dossier counts as late from a later time, or not at all."""
    _change(event, work, dossiers.overdue_withdrawn)


def record_step_assigned(event: Event, work: UnitOfWork) -> None:
    """A step was assigned; the handling agency of the dossier is known from then on."""
    _change(event, work, dossiers.assigned)


def record_supplement_requested(event: Event, work: UnitOfWork) -> None:
    """The citizen was asked for more papers."""
    _change(event, work, dossiers.supplement_requested)


def record_dossier_supplemented(event: Event, work: UnitOfWork) -> None:
    """The citizen handed in the papers."""
    _change(event, work, dossiers.supplemented)


def record_dossier_extended(event: Event, work: UnitOfWork) -> None:
    """The due time was moved. From now on the dossier is on time or late by the new due time."""
    _change(event, work, dossiers.extended)


def record_deadline_moved(event: Event, work: UnitOfWork) -> None:
    """The due day was declared off, so that the dossier is due on the next working day."""
    _change(event, work, dossiers.deadline_moved)


def record_dossier_stopped(event: Event, work: UnitOfWork) -> None:
    """The dossier ended without a result; it is late if it ended after its due time.

    Raises:
        Conflict: it ended for another cause.
    """
    _change(event, work, dossiers.stopped)


def record_dossier_corrected(event: Event, work: UnitOfWork) -> None:
    """An agency corrected its own error.

    Raises:
        Conflict: another error of this id is known.
    """
    add_once(work.connection, corrections, event.data, same=("dossier", "found_at"))
    _change(event, work, dossiers.corrected)


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
    _change(event, work, dossiers.resolved)


def record_dossier_returned(event: Event, work: UnitOfWork) -> None:
    """The citizen got the result.

    Raises:
        Conflict: a dossier of another procedure or agency is known.
    """
    _change(event, work, dossiers.returned)


def record_result_published(event: Event, work: UnitOfWork) -> None:
    """The file of an electronic result was published; the first time counts, another file may take its place."""
    _change(event, work, dossiers.published)


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
    _change(event, work, dossiers.paid)


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


def _change(event: Event, work: UnitOfWork, merge: Callable[[Row, Mapping[str, Any]], Row]) -> None:
    facts_of(work).change(DOSSIERS, (event.data["dossier"],), lambda row: merge(row, event.data))


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
