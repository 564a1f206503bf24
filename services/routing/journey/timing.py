"""The clock of the citizen's dossier as rows: its intervals, its due times by both measures, and when the sweep must look at it next.

A sub-dossier has no clock of its own: the citizen has one dossier and one promise.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from services.routing.domain import clock, measures, waiting
from services.routing.domain.clock import Interval, Kind
from services.routing.domain.states import DossierState
from services.routing.journey import places, watching
from services.routing.store import dossiers, tasks

if TYPE_CHECKING:
    from services.routing.journey.core import Journey
    from services.routing.store.tasks import Task


def start(journey: Journey) -> None:
    """The clock of a dossier that was just received begins to run."""
    dossiers.add_interval(journey.connection, journey.root.code, 1, clock.started(journey.root.received_at))
    look_again(journey)


def pause(journey: Journey, reason: str) -> None:
    """What follows is not counted; says so."""
    if journey.dossier.is_sub or journey.root.paused:  # it waits for the citizen, whatever else goes on beside that
        return
    standing = _standing(journey)
    if standing and waiting.waits_in(standing, journey.at) is None:
        return  # only postings that are over are left; what begins beside them is seen once it has begun
    _stand_still(journey, Kind.UNCOUNTED, reason)


def resume(journey: Journey) -> None:
    """What follows is counted again, towards due times that have moved; says so."""
    waits = journey.root.state == DossierState.SUPPLEMENT
    if journey.dossier.is_sub or waits or not journey.root.paused:
        return
    _count_again(journey, journey.at, supplemented=False)


def reconcile(journey: Journey) -> None:
    """After a move: pauses or resumes by what the citizen's dossier stands at now, where a posting may be over that the route calls
    uncounted."""
    if journey.dossier.is_sub or journey.root.state != DossierState.ACTIVE:
        return
    if not any(step.wait_days for step in journey.route.steps):
        return  # what the move itself says of the clock is enough
    reason = waiting.waits_in(_standing(journey), journey.at)
    if reason is None:
        resume(journey)
        return
    pause(journey, reason)
    look_again(journey)


def catch_up(journey: Journey) -> bool:
    """The clock runs again since the moment at which the last posting was over, if nobody has seen that yet; returns whether so."""
    if journey.root.state != DossierState.ACTIVE or not journey.root.paused:
        return False
    again = waiting.runs_again_at(_standing(journey))
    if again is None or again > journey.at:
        return False
    _count_again(journey, again, supplemented=False)
    return True


def wait_for_citizen(journey: Journey, reason: str) -> None:
    """The citizen has to bring something; until he does, nothing counts, whatever counted or not before."""
    _stand_still(journey, Kind.SUPPLEMENT, reason)


def go_on_after_citizen(journey: Journey) -> None:
    """The citizen has brought it: the count begins anew, unless the dossier stands where time is not counted anyway."""
    _count_again(journey, journey.at, supplemented=True)
    reason = waiting.waits_in(_standing(journey), journey.at)
    if reason is not None:
        pause(journey, reason)


def _stand_still(journey: Journey, kind: Kind, reason: str) -> None:
    begun = _switch(journey, kind, reason, journey.at)[-1]
    journey.set_root(paused=True)
    look_again(journey)
    journey.emit("dossier.paused", reason=reason, paused_at=begun.begins_at)


def _count_again(journey: Journey, at: datetime, *, supplemented: bool) -> None:
    intervals = _switch(journey, Kind.COUNTED, "", at)
    resumed_at = intervals[-1].begins_at
    journey.set_root(paused=False, **(watching.promised_anew(journey.root) if supplemented else {}))
    measure_again(journey, intervals, resumed_at)
    look_again(journey)
    journey.emit(
        "dossier.resumed",
        resumed_at=resumed_at,
        due_at=journey.root.due_at,
        uncounted_minutes=clock.minutes(intervals, Kind.UNCOUNTED, journey.calendar, resumed_at),
        supplemented=supplemented,
    )


def stop(journey: Journey) -> datetime:
    """The life of the dossier has ended; returns when, which is never before its last interval began."""
    ended = clock.stop(dossiers.intervals_of(journey.connection, journey.root.code)[-1], journey.at)
    dossiers.end_interval(journey.connection, journey.root.code, ended.ends_at or journey.at)
    return ended.ends_at or journey.at


def by_law(journey: Journey, intervals: list[Interval], now: datetime) -> measures.Measure:
    """How the dossier stands by the law."""
    return measures.by_law(_terms(journey), intervals, journey.calendar, now, places.reappointment_of(journey.root))


def by_index(journey: Journey, intervals: list[Interval], now: datetime) -> measures.Measure:
    """How the dossier stands by the index."""
    return measures.by_index(_terms(journey), intervals, journey.calendar, now)


def measure_again(journey: Journey, intervals: list[Interval], now: datetime) -> None:
    """Writes both due times anew after something has moved them."""
    journey.set_root(
        due_at=by_law(journey, intervals, now).due_at, index_due_at=by_index(journey, intervals, now).due_at
    )


def find_late(journey: Journey, task: Task) -> None:
    """Marks and announces the dossier as overdue if its time was up when the step ended or began to wait, before any sweep came by."""
    announce_overdue(journey, task, journey.at)


def announce_overdue(journey: Journey, task: Task, at: datetime) -> bool:
    """Marks and announces a dossier as overdue, once, whoever comes first: the sweep or the end of a step.

    Args:
        journey: of the dossier or a sub-dossier of it.
        task: the step at which it stands.
        at: the moment that is compared with the due time.

    Returns:
        Whether it was late and nobody had said so before.
    """
    root = journey.root
    running = root.state == DossierState.ACTIVE and root.overdue_at is None
    if not running or not clock.is_overdue(root.due_at, root.paused, at):
        return False
    journey.set_root(overdue_at=journey.work.now)
    journey.emit("dossier.overdue", due_at=root.due_at, overdue_at=journey.work.now, agency=task.agency, step=task.step)
    return True


def look_again(journey: Journey) -> None:
    """Writes down when the sweep must look at the dossier next."""
    journey.set_root(look_at=next_look(journey))


def next_look(journey: Journey) -> datetime | None:
    """When something happens to a dossier by itself: it is closed without supplement, its clock runs again, or there is something to be
    said of it."""
    root = journey.root
    if root.state == DossierState.SUPPLEMENT:
        return root.supplement_until
    if root.state != DossierState.ACTIVE:
        return None
    return waiting.runs_again_at(_standing(journey)) if root.paused else watching.dossier_next_look(journey)


def _standing(journey: Journey) -> list[Task]:
    return tasks.open_of_dossier(journey.connection, journey.root.code)


def _terms(journey: Journey) -> measures.Terms:
    root_procedure = places.procedure_of(journey.work, journey.root)
    return places.terms_of(journey.reference, journey.root, root_procedure)


def _switch(journey: Journey, kind: Kind, reason: str, at: datetime) -> list[Interval]:
    """Ends the lasting interval, begins the next, and returns the whole clock."""
    *earlier, last = dossiers.intervals_of(journey.connection, journey.root.code)
    ended, begun = clock.switch(last, kind, reason, at)
    dossiers.end_interval(journey.connection, journey.root.code, ended.ends_at or at)
    dossiers.add_interval(journey.connection, journey.root.code, len(earlier) + 2, begun)
    return [*earlier, ended, begun]
