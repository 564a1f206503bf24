"""Completing several steps at once: first what will be done is shown for confirmation, then it is done."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request, url_for

from services.routing.api.blueprint import OFFICIALS
from services.routing.caller import caller, caller_access
from services.routing.commands import authorised
from services.routing.commands.complete import DONE
from services.routing.pages.blueprint import pages
from services.routing.pages.confirmation import tried
from services.routing.pages.views import queue_page
from services.routing.problems import problems_of_each
from services.routing.schemas.steps import MAX_BULK
from services.routing.store import tasks
from services.routing.store.tasks import Task
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles, scope_checked
from shared.web.one_time_notice import redirect_with_notice
from shared.web.problem import Problem
from shared.web.reading_audit import record_reading
from shared.web.views import context


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one of the steps, or would become of it: `problem` is None where it succeeds, `task` where there is no such step."""

    task: Task | None
    problem: Problem | None


@pages.post("/")
@roles(*OFFICIALS, agency="record")
def complete_marked() -> Response:
    """Completes the steps that were marked in a list, after confirmation; those that fail are named with their reason and do not stop the
    others."""
    scope_checked()  # each step is checked by itself
    marked = sorted(set(request.form.getlist("task")))
    queue = request.args.get("queue", "")
    if not marked or len(marked) > MAX_BULK:
        return make_response(queue_page(problem=_wrong_number()), 422)
    if request.form.get("confirmed") != "1":
        results = tried(lambda work: _complete(work, marked))
        record_reading("queue", principal().agency)
        return make_response(
            render_template("routing/confirm_bulk.html", caller=caller().official, results=results, queue=queue)
        )
    results = context().store.run(lambda work: _complete(work, marked))
    done = sum(result.problem is None for result in results)
    if done == len(results):
        return redirect_with_notice(url_for("pages.queues"), str(done), urlencode({"queue": queue}) if queue else "")
    return make_response(queue_page(done=done, results=[result for result in results if result.problem]))


def _complete(work: UnitOfWork, marked: list[str]) -> list[Result]:
    """Completes the steps in one order for all, so that two bulk completions cannot deadlock; an unknown step spoils nothing."""
    found = {id_: tasks.find(work.connection, id_) for id_ in marked}
    access = caller_access(work.connection)
    complete = partial(authorised.complete_task, work, access, outcome=DONE, note="", amount=None)
    problems = problems_of_each(work, [id_ for id_, task in found.items() if task], complete)
    return [Result(task, problems[id_] if task else _unknown()) for id_, task in found.items()]


def _unknown() -> Problem:
    return Problem(404, "not-found", detail="Không có bước xử lý này.", detail_en="There is no such step.")


def _wrong_number() -> Problem:
    vi, en = f"Vui lòng chọn từ 1 đến {MAX_BULK} việc.", f"Please mark 1 to {MAX_BULK} tasks."
    return Problem(422, "invalid", errors=[{"field": "", "message": vi, "message_en": en}])
