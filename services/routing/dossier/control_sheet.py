"""The process control sheet of a dossier (form 06): who handed over what to whom, and who received or refused it, when and why."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from services.routing.domain.acknowledgement import acknowledge_by
from services.routing.domain.handover import Entry, Handover, HandoverKind, Head, enter
from services.routing.domain.settings import OperationalSettings, load_settings
from services.routing.dossier import jurisdiction
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import control_sheet
from services.routing.store.tasks import Task
from shared.agencies import UnknownAgency

SAME_AGENCY = ""
"""Who receives a step that stays in its agency: no official in particular."""


@cache
def operational_settings() -> OperationalSettings:
    """The operational settings, read once."""
    return load_settings()


def hand_over(transaction: DossierTransaction, task: Task) -> Task:
    """Enters the hand-over of a new step; within one agency it needs no acknowledgement.

    Returns:
        The step with the time by which its agency must acknowledge, or as acknowledged.
    """
    by, due_at = transaction.sender_official, transaction.sender_due_at
    given = _happened(transaction, task, HandoverKind.GIVEN, by, due_at)
    if task.agency != task.from_agency:
        _append(transaction, None, given)
        return task.with_(receipt_due_at=receipt_due(transaction, task))
    _append(transaction, None, given, _happened(transaction, task, HandoverKind.RECEIVED, SAME_AGENCY, None))
    return task.with_(accepted_at=task.assigned_at, accepted_by=SAME_AGENCY)


def receipt_due(transaction: DossierTransaction, task: Task) -> datetime | None:
    """By when the agency must acknowledge a hand-over that is made now."""
    now = transaction.work.now
    return acknowledge_by(
        transaction.regulation,
        now,
        jurisdiction.calendar_of(transaction.reference, task.agency, now),
        other_level=_level(transaction, task.agency) != _level(transaction, task.from_agency),
        start_of_day_minutes=operational_settings().start_of_day_minutes,
    )


def record_receipt(transaction: DossierTransaction, task: Task, by: str) -> dict[str, Any]:
    """Enters the receipt of a step, unless it was acknowledged before; whoever does a step has received it.

    Returns:
        The columns of the step's row to change.
    """
    if task.accepted_at is not None:
        return {}
    append_entry(transaction, task, HandoverKind.RECEIVED, by, task.receipt_due_at)
    return {"accepted_at": transaction.work.now, "accepted_by": by}


def append_entry(
    transaction: DossierTransaction,
    task: Task,
    kind: HandoverKind,
    by: str,
    due_at: datetime | None,
    cause: str = "",
    at: datetime | None = None,
) -> None:
    """Appends an entry, and stores its number and hash in the dossier's row; `at` is when it happened, by default now.

    Raises:
        services.routing.domain.handover.HandoverNotAllowed: it cannot follow the step's last entry.
    """
    before = control_sheet.last_kind(transaction.work, transaction.root.code, task.id)
    _append(transaction, before, _happened(transaction, task, kind, by, due_at, cause, at))


def _happened(
    transaction: DossierTransaction,
    task: Task,
    kind: HandoverKind,
    by: str,
    due_at: datetime | None,
    cause: str = "",
    at: datetime | None = None,
) -> Handover:
    return Handover(
        dossier=transaction.root.code,
        task=task.id,
        step=task.step,
        kind=kind,
        from_agency=task.from_agency,
        to_agency=task.agency,
        by="_".join(by.split()),  # an identifier, whatever an agency's software puts there
        at=at or transaction.work.now,
        due_at=due_at,
        cause=cause,
    )


def _append(transaction: DossierTransaction, before: HandoverKind | None, *handovers: Handover) -> None:
    """Appends what happened to one step in turn; `before` is the kind of its last entry."""
    root = transaction.root
    last: Entry | Head | None = None
    if root.control_sheet_entries:
        last = Head(root.control_sheet_entries, root.control_sheet_hash)
    entries = []
    for handover in handovers:
        last = enter(last, before, handover)
        before = last.kind
        entries.append(last)
    transaction.append_entries(entries)


def _level(transaction: DossierTransaction, agency: str) -> str:
    try:
        return transaction.reference.agencies.get(agency, jurisdiction.day_of(transaction.work.now)).level
    except UnknownAgency:
        return transaction.reference.agencies.get(agency).level
