"""The citizen is asked for more papers, through the desk, and once (NĐ 118/2025, articles 11.2c, 16.3, 19.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.routing.commands.errors import NotAllowed, NotInHand
from services.routing.commands.opening import again, check_in_hands, open_task
from services.routing.domain import supplement
from services.routing.domain.states import DossierState, TaskState
from services.routing.journey import assigning, places, sheet, timing, watching
from services.routing.journey.core import Journey
from services.routing.journey.errors import LostRace
from services.routing.store import dossiers, tasks
from services.routing.store.tasks import STEP, Task
from shared.store import UnitOfWork


def request_supplement(work: UnitOfWork, id_: str, reason: str, papers: Sequence[str], by: str) -> Task:
    """Asks the citizen for more papers; the dossier's clock stands until he brings them.

    Args:
        work: the transaction.
        id_: the step whose official needs them.
        reason: why, in words for the citizen (form 02).
        papers: which.
        by: who asks.

    Returns:
        The step as it now is.

    Raises:
        UnknownTask, NotOpen: as they say.
        NotInHand: the dossier waits for the citizen already, or has ended.
        NotAllowed: the step was refused, is no step of a route, or nothing is asked for.
        supplement.SupplementNotAllowed: the law does not allow it (any more).
    """
    journey, task = open_task(work, id_)
    check_in_hands(task)
    _check_content(journey, task, reason, papers)
    _check_law(journey, task)
    timing.find_late(journey, task)
    taken = sheet.taken_by(journey, task, by)
    journey.move_task(task, TaskState.AWAITING_SUPPLEMENT, look_at=None, **taken)
    desk = places.calendar_of(journey.reference, journey.root.receiving_agency, work.now)
    closes_at = supplement.closes_at(journey.regulation, work.now, desk)
    _let_wait(journey, closes_at)
    timing.wait_for_citizen(journey, task.step)
    journey.emit(
        "supplement.requested",
        task=task.id,
        step=task.step,
        agency=task.agency,
        reason=reason,
        papers=list(papers),
        requested_at=work.now,
        until=closes_at,
    )
    return again(work, id_)


def supplemented(journey: Journey) -> None:
    """The papers are there: the step that asked for them goes on, and the law's count begins anew.

    Args:
        journey: of the citizen's dossier, which waits for them.
    """
    root = journey.root
    if not dossiers.move(
        journey.connection, root.code, DossierState.SUPPLEMENT, DossierState.ACTIVE, supplement_until=None
    ):
        raise LostRace(f"dossier {root.code} no longer waits")
    journey.reread_root()
    for task in tasks.open_of_root(journey.connection, root.code):
        if task.state == TaskState.AWAITING_SUPPLEMENT:
            _go_on(journey, task)
    timing.go_on_after_citizen(journey)


def _go_on(journey: Journey, task: Task) -> None:
    own = dossiers.find(journey.connection, task.dossier)
    if own is None:
        raise LostRace(f"step {task.id} lost its dossier")
    way = journey if own.code == journey.dossier.code else journey.way_of(own)
    step = way.route.step(task.step)
    anew = {
        "agency": places.carried_on_by(way.reference, task.agency, way.work.now),
        "due_at": assigning.due_anew(way, task, step),
    }
    fresh = way.move_task(task, TaskState.OPEN, **anew, **watching.promised_anew(task))
    watching.look_again(way, fresh)
    assigning.tell_agency(way, fresh, step, "Hồ sơ đã được bổ sung")


def _let_wait(journey: Journey, closes_at: datetime | None) -> None:
    root = journey.root
    moved = dossiers.move(
        journey.connection,
        root.code,
        DossierState.ACTIVE,
        DossierState.SUPPLEMENT,
        supplements=root.supplements + 1,
        supplement_until=closes_at,
    )
    if not moved:
        raise LostRace(f"dossier {root.code} is no longer active")
    journey.reread_root()


def _check_content(journey: Journey, task: Task, reason: str, papers: Sequence[str]) -> None:
    if journey.root.state != DossierState.ACTIVE:
        raise NotInHand(journey.root)
    if task.kind != STEP:
        raise NotAllowed(
            "supplement_of_correction", "Đính chính không cần bổ sung hồ sơ", "A correction needs no supplement"
        )
    if not reason.strip() or not papers or not all(paper.strip() for paper in papers):
        raise NotAllowed(
            "supplement_without_content",
            "Phải nêu lý do và giấy tờ cần bổ sung",
            "A request names its reason and the papers",
        )


def _check_law(journey: Journey, task: Task) -> None:
    own = [other for other in tasks.of_root(journey.connection, journey.root.code) if other.agency == task.agency]
    calendar = places.calendar_of(journey.reference, task.agency, journey.work.now)
    request = supplement.Request(
        requests_before=journey.root.supplements,
        received_at=min(other.accepted_at or other.assigned_at for other in own),
        requested_at=journey.work.now,
        desk=journey.root.receiving_agency,
        via=journey.root.receiving_agency,  # the request reaches the citizen through intake and in no other way
    )
    supplement.check_request(journey.regulation, request, calendar)
