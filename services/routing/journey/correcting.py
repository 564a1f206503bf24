"""The agency corrects its own error in a result (NĐ 118/2025, article 23.1): work beside the route, which moves no final state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.routing.domain import correction, process
from services.routing.domain.states import TaskState
from services.routing.journey import assigning, places, sheet
from services.routing.store.tasks import CORRECTION, Task
from shared.bus.event import new_id
from shared.catalogue.route import UnknownOutcome

if TYPE_CHECKING:
    from services.routing.journey.core import Journey

NAME = "Đính chính sai sót trong kết quả"
DONE = "completed"


def begin(journey: Journey, reason: str, by: str) -> Task:
    """Gives the handling agency its error to correct.

    Args:
        journey: of a citizen's dossier that has its result.
        reason: what is wrong.
        by: who found it.

    Raises:
        correction.CorrectionNotAllowed: there is no result.
    """
    root, now = journey.root, journey.work.now
    agency = places.carried_on_by(journey.reference, root.handling_agency, now)
    calendar = places.calendar_of(journey.reference, agency, now)
    journey.giver, journey.giver_by = root.receiving_agency, by
    return assigning.give(
        journey,
        Task(
            id=new_id(),
            dossier=root.code,
            root=root.code,
            kind=CORRECTION,
            step=CORRECTION,
            name=f"{NAME}: {reason}",
            agency=agency,
            official_role="officer",
            state=TaskState.OPEN,
            counted=True,
            from_agency=journey.giver,
            assigned_at=now,
            due_at=correction.correct_by(journey.regulation, now, calendar),
        ),
        None,
    )


def finish(journey: Journey, task: Task, outcome: str, note: str, amount: int | None, by: str) -> None:
    """The error is corrected; the citizen is told.

    Raises:
        UnknownOutcome: a correction ends only with ``completed``.
        process.AmountNotAllowed: it costs the citizen nothing.
    """
    if outcome != DONE:
        raise UnknownOutcome(task.step, outcome, (DONE,))
    if amount is not None:
        raise process.AmountNotAllowed("a correction takes no amount")
    now = journey.work.now
    on_time = correction.corrected_on_time(task.due_at, now)
    journey.move_task(
        task,
        TaskState.DONE,
        completed_at=now,
        completed_by=by,
        outcome=DONE,
        note=note or None,
        on_time=on_time,
        look_at=None,
        **sheet.taken_by(journey, task, by),
    )
    journey.emit(
        "dossier.corrected",
        correction=task.id,
        agency=task.agency,
        found_at=task.assigned_at,
        due_at=task.due_at or now,
        corrected_at=now,
        on_time=on_time,
    )
