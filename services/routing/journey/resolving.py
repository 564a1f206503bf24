"""A dossier ends: with its result at the desk, without one, or, being a sub-dossier, as the end of its parent's step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.routing.domain import process
from services.routing.domain.states import DossierState
from services.routing.journey import finishing, timing
from services.routing.journey.errors import LostRace
from services.routing.store import dossiers, tasks
from services.routing.store.tasks import STEP

if TYPE_CHECKING:
    from services.routing.journey.core import Journey


def resolve(journey: Journey, outcome: str) -> None:
    """The end of the route is reached."""
    if journey.dossier.is_sub:
        _resolve_sub(journey, outcome)
        return
    resolved_at = timing.stop(journey)
    intervals = dossiers.intervals_of(journey.connection, journey.root.code)
    law, index = timing.by_law(journey, intervals, resolved_at), timing.by_index(journey, intervals, resolved_at)
    on_time = law.on_time and journey.root.overdue_at is None
    _end(
        journey,
        DossierState.RESOLVED,
        outcome=outcome,
        resolved_at=resolved_at,
        on_time=on_time,
        index_on_time=index.on_time,
    )
    journey.emit(
        "dossier.resolved",
        outcome=outcome,
        agency=journey.root.handling_agency,
        promised_at=journey.root.promised_at,
        due_at=journey.root.due_at,
        resolved_at=resolved_at,
        on_time=on_time,
        index_on_time=index.on_time,
    )


def end_without_result(journey: Journey, cause: str, reason: str = "", by: str | None = None) -> None:
    """Nothing more will be done: withdrawn by the citizen, not supplemented, or stopped by a leader.

    Args:
        journey: of the citizen's dossier.
        cause: one of :data:`shared.contracts.routing.STOP_CAUSES`.
        reason: in words, for the notice (form 05); may be empty.
        by: the leader who stops it.
    """
    standing = [task for task in tasks.open_of_root(journey.connection, journey.root.code) if task.kind == STEP]
    if standing:
        timing.find_late(journey, standing[0])
    finishing.cancel_all(journey, cause)
    end_subs(journey)
    stopped_at = timing.stop(journey)
    intervals = dossiers.intervals_of(journey.connection, journey.root.code)
    index = timing.by_index(journey, intervals, stopped_at)
    on_time = timing.by_law(journey, intervals, stopped_at).on_time and journey.root.overdue_at is None
    after = DossierState.WITHDRAWN if cause == "withdrawn" else DossierState.STOPPED
    _end(
        journey,
        after,
        stopped_at=stopped_at,
        stop_cause=cause,
        stopped_by=by,
        on_time=on_time,
        index_on_time=index.on_time,
        supplement_until=None,
    )
    journey.emit(
        "dossier.stopped",
        agency=journey.root.handling_agency,
        cause=cause,
        reason=reason,
        on_time=on_time,
        stopped_at=stopped_at,
    )


def end_subs(journey: Journey) -> None:
    """The sub-dossiers that are still on their way end with the citizen's dossier."""
    for sub in dossiers.subs_of(journey.connection, journey.root.code):
        if sub.state == DossierState.ACTIVE:
            dossiers.move(journey.connection, sub.code, DossierState.ACTIVE, DossierState.STOPPED)


def _end(journey: Journey, after: DossierState, **values: object) -> None:
    before = DossierState(journey.root.state)
    if not dossiers.move(journey.connection, journey.root.code, before, after, look_at=None, paused=False, **values):
        raise LostRace(f"dossier {journey.root.code} is no longer {before}")
    journey.reread_root()


def _resolve_sub(journey: Journey, outcome: str) -> None:
    """The sub-dossier's outcome is the outcome of the step that it did."""
    sub, now = journey.dossier, journey.work.now
    moved = dossiers.move(
        journey.connection,
        sub.code,
        DossierState.ACTIVE,
        DossierState.RESOLVED,
        outcome=outcome,
        resolved_at=now,
        on_time=now <= sub.due_at,
    )
    task = tasks.find(journey.connection, sub.parent_task or "")
    if not moved or task is None:
        raise LostRace(f"sub-dossier {sub.code} is no longer active")
    parent = dossiers.find(journey.connection, task.dossier)
    if parent is None:
        raise LostRace(f"sub-dossier {sub.code} lost its parent")
    way = journey.way_of(parent)
    way.carry_out(process.leave(way.route, way.standing(), task.step, outcome, way.facts()), task)
    journey.take_root(way.root)
