"""Steps: listing, completing and handing them over, and what their officials ask of the citizen."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Connection

from services.routing import schemas
from services.routing.api.blueprint import OFFICIALS, STAFF, api
from services.routing.caller import caller_access
from services.routing.commands import authorised
from services.routing.commands.load import find_task
from services.routing.problems import domain_errors_as_problems, problems_of_each
from services.routing.queries.steps import StepFilter, StepPage, StepView, step_detail, step_page
from services.routing.store.tasks import Task
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles, scope_checked
from shared.web.reading_audit import audited, record_reading
from shared.web.views import command, context, query


@api.get("/tasks")
@roles(*STAFF, agency="record")
@audited
@query(schemas.TasksQuerySchema, schemas.TaskPageSchema)
def list_tasks(connection: Connection, asked: dict[str, Any]) -> StepPage:
    """Lists the steps of one's own agency in the order of assignment, open or done."""
    own = asked["agency"] or principal().agency
    access = caller_access(connection)
    with domain_errors_as_problems():
        access.require_one_of([own])
    agencies = access.handled if own == principal().agency else {own}
    states = [asked["state"]] if asked["state"] else []
    wanted = StepFilter(agencies, states, asked["dossier"], asked["cursor"], asked["limit"])
    record_reading("tasks", asked["dossier"] or own)
    return step_page(connection, wanted, context().clock.now())


@api.get("/tasks/<task_id>")
@roles(*STAFF, agency="record")
@audited
@query(None, schemas.TaskDetailSchema)
def show_task(connection: Connection, task_id: str) -> StepView:
    """Shows a step of one's own agency, or one that it sent."""
    with domain_errors_as_problems():
        task = find_task(connection, task_id)
        caller_access(connection).require_may_read_task(task)
    record_reading("task", task.root)
    return step_detail(connection, task, context().clock.now())


@api.post("/tasks/<task_id>/complete")
@roles(*STAFF, agency="record")
@command(schemas.CompletionSchema, schemas.TaskDetailSchema)
def complete_task(work: UnitOfWork, body: dict[str, Any], task_id: str) -> StepView:
    """Completes a step of one's own agency; the dossier goes on, waits for a payment, or has its result."""
    with domain_errors_as_problems():
        authorised.complete_task(work, caller_access(work.connection), task_id, **body)
    return _detail(work, find_task(work.connection, task_id))


@api.post("/tasks/complete")
@roles(*OFFICIALS, agency="record")
@command(schemas.BulkCompletionSchema, schemas.BulkResultSchema)
def complete_tasks(work: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
    """Completes several steps alike; those that fail are named with their reason and do not stop the others."""
    scope_checked()  # each step is checked by itself
    access = caller_access(work.connection)
    ids = sorted(set(body["tasks"]))  # one order for all, so that two bulk completions cannot deadlock
    complete = partial(authorised.complete_task, work, access, outcome=body["outcome"], note=body["note"], amount=None)
    problems = problems_of_each(work, ids, complete)
    results = [
        {"id": id_, "done": problem is None, "problem": problem and problem.body()} for id_, problem in problems.items()
    ]
    return {"items": results, "done": sum(problem is None for problem in problems.values())}


@api.post("/tasks/<task_id>/accept")
@roles(*STAFF, agency="record")
@command(gives=schemas.TaskDetailSchema)
def accept_task(work: UnitOfWork, task_id: str) -> StepView:
    """Acknowledges a hand-over."""
    with domain_errors_as_problems():
        return _detail(work, authorised.accept_hand_over(work, caller_access(work.connection), task_id))


@api.post("/tasks/<task_id>/return")
@roles(*STAFF, agency="record")
@command(schemas.ReasonSchema, schemas.TaskDetailSchema)
def return_task(work: UnitOfWork, body: dict[str, Any], task_id: str) -> StepView:
    """Refuses a hand-over with its reason; the step stays with its sender until it is sent again."""
    with domain_errors_as_problems():
        access = caller_access(work.connection)
        return _detail(work, authorised.refuse_hand_over(work, access, task_id, body["reason"]))


@api.post("/tasks/<task_id>/resend")
@roles(*STAFF, agency="record")
@command(schemas.NoteSchema, schemas.TaskDetailSchema)
def resend_task(work: UnitOfWork, body: dict[str, Any], task_id: str) -> StepView:
    """Sends a refused hand-over again."""
    with domain_errors_as_problems():
        return _detail(work, authorised.resend(work, caller_access(work.connection), task_id, body["text"]))


@api.post("/tasks/<task_id>/claim")
@roles(*OFFICIALS, agency="record")
@command(gives=schemas.TaskDetailSchema)
def claim_task(work: UnitOfWork, task_id: str) -> StepView:
    """Claims a step for oneself."""
    with domain_errors_as_problems():
        return _detail(work, authorised.claim(work, caller_access(work.connection), task_id))


@api.post("/tasks/<task_id>/release")
@roles(*OFFICIALS, agency="record")
@command(gives=schemas.TaskDetailSchema)
def release_task(work: UnitOfWork, task_id: str) -> StepView:
    """Gives a claimed step back to the unit."""
    with domain_errors_as_problems():
        return _detail(work, authorised.release(work, caller_access(work.connection), task_id))


@api.post("/tasks/<task_id>/assign")
@roles("leader", agency="record")
@command(schemas.AssignmentSchema, schemas.TaskDetailSchema)
def assign_task(work: UnitOfWork, body: dict[str, Any], task_id: str) -> StepView:
    """Assigns a step to an official of the agency."""
    with domain_errors_as_problems():
        access = caller_access(work.connection)
        return _detail(work, authorised.reassign(work, access, task_id, body["official"], body["reason"]))


@api.post("/tasks/<task_id>/notes")
@roles(*STAFF, agency="record")
@command(schemas.NoteSchema, schemas.TaskDetailSchema, status=201)
def add_note(work: UnitOfWork, body: dict[str, Any], task_id: str) -> StepView:
    """Adds a remark to a step."""
    with domain_errors_as_problems():
        return _detail(work, authorised.add_note(work, caller_access(work.connection), task_id, body["text"]))


@api.post("/tasks/<task_id>/supplement")
@roles(*STAFF, agency="record")
@command(schemas.SupplementSchema, schemas.TaskDetailSchema)
def request_supplement(work: UnitOfWork, body: dict[str, Any], task_id: str) -> StepView:
    """Asks the citizen, through the one-stop desk and once, for more papers; the clock is paused until they bring them."""
    with domain_errors_as_problems():
        access = caller_access(work.connection)
        return _detail(work, authorised.request_supplement(work, access, task_id, body["reason"], body["papers"]))


@api.post("/tasks/<task_id>/refuse")
@roles(*STAFF, agency="record")
@command(schemas.RefusalSchema, schemas.TaskDetailSchema)
def refuse_dossier(work: UnitOfWork, body: dict[str, Any], task_id: str) -> StepView:
    """Refuses to resolve the dossier, in writing; the citizen fetches the refusal as the result."""
    with domain_errors_as_problems():
        access = caller_access(work.connection)
        return _detail(work, authorised.refuse_dossier(work, access, task_id, body["reason"], body["document"]))


def _detail(work: UnitOfWork, task: Task) -> StepView:
    return step_detail(work.connection, task, work.now)
