"""Pages that only show: work queues, a step, a dossier with its clock and its control sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import render_template, request

from services.routing.api.blueprint import OFFICIALS
from services.routing.apologies.queries import current_of
from services.routing.apologies.store import count_drafts
from services.routing.caller import caller, caller_access
from services.routing.commands.complete import DONE
from services.routing.commands.load import find_dossier, find_task
from services.routing.domain.states import TaskState
from services.routing.pages.blueprint import pages
from services.routing.problems import domain_errors_as_problems
from services.routing.queries import worklists
from services.routing.queries.control_sheet import control_sheet_view
from services.routing.queries.dossiers import dossier_view
from services.routing.queries.steps import StepView, step_detail
from services.routing.queries.viewer import viewer_of
from services.routing.queries.work_queues import all_queues, find_queue
from services.routing.queries.worklists import Tile
from services.routing.staff import officials
from shared.web.authorization import principal, roles, scope_checked
from shared.web.one_time_notice import just_saved, one_time_notice
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

PAGE = 50
MAX_TEXT = 100


@pages.get("/")
@roles(*OFFICIALS, agency="record")
@audited
def queues() -> str:
    """The tiles of all queues, and the list of one: the chosen one, else the first that has steps."""
    return queue_page()


def queue_page(done: int | None = None, results: Sequence[Any] = (), problem: Problem | None = None) -> str:
    """The page of a queue; after a bulk completion with its result.

    Args:
        done: how many steps were completed; None when that was not asked for.
        results: those that were not, each with its step and problem.
        problem: if nothing could be tried.

    Raises:
        Problem: 404, no such queue.
    """
    here = context()
    search, cursor = (request.args.get(name, "").strip()[:MAX_TEXT] for name in ("search", "cursor"))
    scope_checked()  # every queue is limited to what is the viewer's concern
    with here.store.read() as connection:
        viewer = viewer_of(connection, here, caller())
        tiles = worklists.tiles(connection, viewer, principal().roles)
        waiting = worklists.applications_waiting(connection, viewer, principal().roles)
        wanted = request.args.get("queue", "")[:MAX_TEXT] or _first_with_work(tiles)
        queue = find_queue(wanted)
        if queue is None or not queue.seen_by(principal().roles):
            raise Problem(404, "not-found")
        page = worklists.queue_page(connection, queue, viewer, search, cursor, PAGE)
        access = caller_access(connection)
        unsigned = count_drafts(connection, access.led) if access.led else 0
        completable = {
            line.id for line in page.items if _completes_at_once(line, viewer.now) and access.may_complete(line)
        }
    record_reading("queue", principal().agency)
    return render_template(
        "routing/queues.html",
        tiles=tiles,
        waiting=waiting,
        unsigned=unsigned,
        queue=queue,
        page=page,
        search=search,
        first=not cursor,
        caller=caller().official,
        now=viewer.now,
        completable=completable,
        done=_just_done() if done is None else done,
        results=results,
        problem=problem,
    )


@pages.get("/tasks/<task_id>")
@roles(*OFFICIALS, agency="record")
@audited
def task(task_id: str) -> str:
    """One step: what is to be done, by when, and the possible actions."""
    return task_page(task_id)


def task_page(task_id: str, problem: Problem | None = None) -> str:
    """The page of a step, with a problem if an action failed.

    Raises:
        Problem: 404 or 403.
    """
    here = context()
    with here.store.read() as connection:
        with domain_errors_as_problems():
            known = find_task(connection, task_id)
            caller_access(connection).require_may_read_task(known)
            dossier = find_dossier(connection, known.root)
        now = here.clock.now()
        detail = step_detail(connection, known, now)
        view = dossier_view(connection, dossier, here.reference, now)
        colleagues = officials.of_agency(connection, known.agency) if principal().has("leader") else {}
        access = caller_access(connection)
        may = {"complete": access.may_complete(known), "receive": access.may_receive(known)}
    record_reading("task", known.root)
    return render_template(
        "routing/task.html",
        task=detail,
        dossier=view,
        colleagues=colleagues,
        may=may,
        caller=caller().official,
        problem=problem,
        now=now,
        saved=just_saved(),
    )


@pages.get("/dossiers/<code>")
@roles(*OFFICIALS, agency="record")
@audited
def dossier(code: str) -> str:
    """A dossier's steps, its clock, and its process control sheet."""
    return dossier_page(code)


def dossier_page(code: str, problem: Problem | None = None) -> str:
    """The page of a dossier, with a problem if an action failed.

    Raises:
        Problem: 404 or 403.
    """
    here = context()
    with here.store.read() as connection:
        access = caller_access(connection)
        with domain_errors_as_problems():
            known = find_dossier(connection, code)
            access.require_may_read_dossier(known)
        now = here.clock.now()
        view = dossier_view(connection, known, here.reference, now)
        sheet = control_sheet_view(connection, known.code)
        apology = current_of(connection, known.code)
    record_reading("dossier", code)
    return render_template(
        "routing/dossier.html",
        dossier=view,
        sheet=sheet,
        apology=apology,
        names={step.id: step.name for step in view.steps},
        leads=access.may_lead(known.handling_agency),
        caller=caller().official,
        problem=problem,
        now=now,
        saved=just_saved(),
    )


def _completes_at_once(line: StepView, now: datetime) -> bool:
    """Whether a step can be completed without a choice, an amount or a wait."""
    waits = line.wait_until is not None and line.wait_until > now
    return line.state == TaskState.OPEN and DONE in line.outcomes and line.obligation_outcome is None and not waits


def _just_done() -> int | None:
    """How many steps a bulk completion has completed that led here; None without one."""
    notice = one_time_notice()
    return int(notice) if notice.isascii() and notice.isdigit() else None


def _first_with_work(tiles: list[Tile]) -> str:
    return next((tile.id for tile in tiles if tile.count), all_queues()[0].id)
