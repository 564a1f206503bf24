"""The process control sheet of a dossier (form 06) as its way goes on: who gave what to whom, who took it, who did not and why."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from services.routing.domain.acknowledgement import acknowledge_by
from services.routing.domain.handover import Handover, HandoverKind, enter
from services.routing.domain.practice import Practice, load_practice
from services.routing.journey import places
from services.routing.store import ledger
from services.routing.store.tasks import Task
from shared.agencies import UnknownAgency

if TYPE_CHECKING:
    from datetime import datetime

    from services.routing.journey.core import Journey

SAME_HANDS = ""
"""Who takes what never left the agency: nobody in particular."""


@cache
def practice() -> Practice:
    """What practice has settled, read once."""
    return load_practice()


def hand_over(journey: Journey, task: Task) -> Task:
    """A new step comes from the giver's hands; within one agency it needs no acknowledgement.

    Returns:
        The step with the time by which its agency must acknowledge, or as acknowledged.
    """
    write(journey, task, HandoverKind.GIVEN, journey.giver_by, journey.giver_due)
    if task.agency == task.from_agency:
        write(journey, task, HandoverKind.RECEIVED, SAME_HANDS, None)
        return task.with_(accepted_at=task.assigned_at, accepted_by=SAME_HANDS)
    return task.with_(receipt_due_at=receipt_due(journey, task))


def receipt_due(journey: Journey, task: Task) -> datetime | None:
    """By when the agency must acknowledge what it is given now."""
    now = journey.work.now
    return acknowledge_by(
        journey.regulation,
        now,
        places.calendar_of(journey.reference, task.agency, now),
        other_level=_level(journey, task.agency) != _level(journey, task.from_agency),
        start_of_day_minutes=practice().start_of_day_minutes,
    )


def taken_by(journey: Journey, task: Task, by: str) -> dict[str, Any]:
    """Whoever does a step has taken it, whether he said so before or not; returns what changes in the step's row."""
    if task.accepted_at is not None:
        return {}
    write(journey, task, HandoverKind.RECEIVED, by, task.receipt_due_at)
    return {"accepted_at": journey.work.now, "accepted_by": by}


def write(journey: Journey, task: Task, kind: HandoverKind, by: str, due_at: datetime | None, cause: str = "") -> None:
    """Enters what happened, and notes the new last entry in the dossier's row.

    Raises:
        services.routing.domain.handover.HandoverNotAllowed: it does not follow from what happened before.
    """
    root, connection = journey.root, journey.connection
    last = ledger.last(connection, root.code) if root.ledger_number else None
    task_kind = None if kind == HandoverKind.GIVEN else ledger.last_kind(connection, root.code, task.id)
    happened = Handover(
        dossier=root.code,
        task=task.id,
        step=task.step,
        kind=kind,
        from_agency=task.from_agency,
        to_agency=task.agency,
        by="_".join(by.split()),  # an identifier, whatever an agency's software puts there
        at=journey.work.now,
        due_at=due_at,
        cause=cause,
    )
    entry = enter(last, task_kind, happened)
    ledger.add(connection, entry)
    journey.set_root(ledger_number=entry.number, ledger_head=entry.hash)


def _level(journey: Journey, agency: str) -> str:
    try:
        return journey.reference.agencies.get(agency, places.day_of(journey.work.now)).level
    except UnknownAgency:
        return journey.reference.agencies.get(agency).level
