"""What is to be said about the time of a step or a dossier, and when the sweep must look at it next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.routing.domain import clock, warnings
from services.routing.domain.clock import Kind
from services.routing.domain.handover import HandoverKind
from services.routing.domain.states import DossierState, TaskState
from services.routing.domain.warnings import Saying, Watched
from services.routing.journey import places, sheet
from services.routing.store import dossiers, tasks
from services.routing.store.tasks import STEP

if TYPE_CHECKING:
    from services.routing.journey.core import Journey
    from services.routing.store.dossiers import Dossier
    from services.routing.store.tasks import Task
    from shared.calendar import WorkingCalendar

MINUTES_PER_HOUR = 60
ESCALATION = {Saying.UNIT_LEADER: 1, Saying.CENTRE_LEADER: 2}


def look_again(journey: Journey, task: Task) -> Task:
    """Writes down when the sweep must look at a step next."""
    look_at = next_look(journey, task)
    if look_at != task.look_at:
        tasks.change(journey.connection, task.id, look_at=look_at)
    return task.with_(look_at=look_at)


def next_look(journey: Journey, task: Task) -> datetime | None:
    """When there is something to be said of a step, or its hand-over lapses; None while nothing happens by itself."""
    if not _is_at_work(task):
        return None
    moments = []
    if task.accepted_at is None and task.lapsed_at is None and task.receipt_due_at is not None:
        moments.append(task.receipt_due_at)
    watched = _watched(journey, task)
    if watched is not None:
        following = warnings.next_look(watched, said(task), sheet.practice().step, _calendar(journey, task))
        moments += [following] if following else []
    return min(moments, default=None)


def speak_of_task(journey: Journey, task: Task) -> int:
    """Says what is to be said of a step now, and notes a hand-over that lapsed; each thing once. Returns how many things."""
    sayings = _task_to_say(journey, task)
    changed = _said_of_task(journey, task, sayings)
    if _lapses(journey, task):
        sheet.write(journey, task, HandoverKind.LAPSED, "", task.receipt_due_at)
        changed["lapsed_at"] = journey.work.now
    if changed:
        tasks.change(journey.connection, task.id, **changed)
    look_again(journey, task.with_(**changed))
    return len(sayings) + ("lapsed_at" in changed)


def _task_to_say(journey: Journey, task: Task) -> tuple[Saying, ...]:
    watched = _watched(journey, task)
    if watched is None or not _is_at_work(task):
        return ()
    return warnings.to_say(watched, said(task), sheet.practice().step, _calendar(journey, task), journey.work.now)


def _said_of_task(journey: Journey, task: Task, sayings: Iterable[Saying]) -> dict[str, Any]:
    """Says it, and returns what changes in the step's row."""
    changed: dict[str, Any] = {}
    for saying in sayings:
        if saying in ESCALATION:
            changed["escalation"] = ESCALATION[saying]
            continue
        changed["overdue_at" if saying == Saying.OVERDUE else "due_soon_at"] = journey.work.now
        journey.emit(
            f"step.{saying}",
            task=task.id,
            step=task.step,
            agency=task.agency,
            due_at=task.due_at,
            warned_at=journey.work.now,
        )
    return changed


def _lapses(journey: Journey, task: Task) -> bool:
    """Whether the time to acknowledge the hand-over of a step is over, and nobody has noted that yet."""
    due_at = task.receipt_due_at
    awaited = task.accepted_at is None and task.lapsed_at is None and _is_at_work(task)
    return awaited and due_at is not None and journey.work.now > due_at


def _is_at_work(task: Task) -> bool:
    """Whether a step lies on its agency's desk: then its time runs."""
    return task.state == TaskState.OPEN and task.refused_at is None


def said(record: Task | Dossier) -> frozenset[Saying]:
    """All that was ever said about a step or a dossier."""
    return frozenset(
        saying
        for saying, was in (
            (Saying.DUE_SOON, record.due_soon_at is not None),
            (Saying.OVERDUE, record.overdue_at is not None),
            (Saying.UNIT_LEADER, record.escalation >= ESCALATION[Saying.UNIT_LEADER]),
            (Saying.CENTRE_LEADER, record.escalation >= ESCALATION[Saying.CENTRE_LEADER]),
        )
        if was
    )


def promised_anew(record: Task | Dossier) -> dict[str, Any]:
    """What changes in a row once a new time is promised: "due soon" may be said again, lateness may not."""
    kept = warnings.after_new_promise(said(record))
    return {} if Saying.DUE_SOON in kept else {"due_soon_at": None}


def dossier_to_say(journey: Journey) -> tuple[Saying, ...]:
    """What is to be said of the citizen's dossier now."""
    root = journey.root
    if root.state != DossierState.ACTIVE or root.paused:
        return ()
    watched = _watched_dossier(journey)
    return warnings.to_say(watched, said(root), sheet.practice().dossier, journey.calendar, journey.work.now)


def dossier_next_look(journey: Journey) -> datetime | None:
    """When something is to be said of the citizen's dossier."""
    watched = _watched_dossier(journey)
    return warnings.next_look(watched, said(journey.root), sheet.practice().dossier, journey.calendar)


def _watched(journey: Journey, task: Task) -> Watched | None:
    """A step's time; what beyond its planned hours lies between its beginning and its due time was spent waiting."""
    if task.due_at is None:
        return None
    if task.kind != STEP or not task.counted:
        return Watched(task.wait_until or task.assigned_at, task.due_at)
    allowed = round(journey.route.step(task.step).working_hours * MINUTES_PER_HOUR)
    span = _calendar(journey, task).working_minutes_between(task.assigned_at, task.due_at)
    return Watched(task.assigned_at, task.due_at, max(0, span - allowed))


def _watched_dossier(journey: Journey) -> Watched:
    root = journey.root
    intervals = dossiers.intervals_of(journey.connection, root.code)
    waited = sum(
        clock.minutes(intervals, kind, journey.calendar, journey.work.now) for kind in (Kind.UNCOUNTED, Kind.SUPPLEMENT)
    )
    return Watched(root.received_at, root.due_at, waited, waiting=root.paused)


def _calendar(journey: Journey, task: Task) -> WorkingCalendar:
    return places.calendar_of(journey.reference, task.agency, journey.work.now)
