"""Steps: listed, taken, done, handed back, and what their officials ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from services.routing import schemas
from services.routing.access import (
    caller,
    known_task,
    own_work,
    require_doer,
    require_giver,
    require_leader_of,
    require_one_of,
    require_reader,
    require_receiver,
)
from services.routing.api.blueprint import OFFICIALS, STAFF, api
from services.routing.audit import record_read
from services.routing.commands import claim, closure, complete, hand_over, supplements
from services.routing.problems import domain_errors_as_problems
from services.routing.queries import dossiers
from services.routing.store.tasks import Task
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles, scope_checked
from shared.web.problem import Problem
from shared.web.views import command, context, query


@api.get("/tasks")
@roles(*STAFF, agency="record")
@query(schemas.TasksQuerySchema, schemas.TaskPageSchema)
def list_tasks(connection: Connection, asked: dict[str, Any]) -> dict[str, Any]:
    """Lists the steps of one's own agency in the order of assignment, open or done."""
    own = asked["agency"] or principal().agency
    require_one_of([own])
    agencies = own_work() if own == principal().agency else {own}
    states = [asked["state"]] if asked["state"] else []
    wanted = dossiers.Worklist(agencies, states, asked["dossier"], asked["cursor"], asked["limit"])
    record_read("tasks", asked["dossier"] or own)
    return dossiers.worklist(connection, wanted, context().clock.now())


@api.get("/tasks/<task_id>")
@roles(*STAFF, agency="record")
@query(None, schemas.TaskDetailSchema)
def show_task(connection: Connection, task_id: str) -> dict[str, Any]:
    """Shows a step of one's own agency, or one that it gave."""
    task = known_task(connection, task_id)
    require_reader(connection, task)
    record_read("task", task.root)
    return dossiers.task_detail(connection, task, context().clock.now())


@api.post("/tasks/<task_id>/complete")
@roles(*STAFF, agency="record")
@command(schemas.CompletionSchema, schemas.TaskDetailSchema)
def complete_task(work: UnitOfWork, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Completes a step of one's own agency; the dossier goes on, waits for a payment, or has its result."""
    return _detail(work, _complete(work, task_id, body))


@api.post("/tasks/complete")
@roles(*OFFICIALS, agency="record")
@command(schemas.BulkCompletionSchema, schemas.BulkResultSchema)
def complete_tasks(work: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
    """Completes several steps alike; one that cannot be done is named with its reason and does not stop the others."""
    scope_checked()  # each is checked by itself
    results = []
    for id_ in sorted(set(body["tasks"])):  # always in one order, so that two people's bulks cannot lock each other out
        try:
            with work.savepoint():
                _complete(work, id_, {"outcome": body["outcome"], "note": body["note"], "amount": None})
        except Problem as problem:
            results.append({"id": id_, "done": False, "problem": problem.body()})
        else:
            results.append({"id": id_, "done": True, "problem": None})
    return {"items": results, "done": sum(result["done"] for result in results)}


@api.post("/tasks/<task_id>/accept")
@roles(*STAFF, agency="record")
@command(gives=schemas.TaskDetailSchema)
def accept_task(work: UnitOfWork, task_id: str) -> dict[str, Any]:
    """Acknowledges a hand-over."""
    return _as_receiver(work, task_id, lambda: hand_over.accept(work, task_id, principal().subject))


@api.post("/tasks/<task_id>/return")
@roles(*STAFF, agency="record")
@command(schemas.ReasonSchema, schemas.TaskDetailSchema)
def return_task(work: UnitOfWork, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Refuses a hand-over with its reason; the step lies with whoever gave it until it is sent again."""
    return _as_receiver(work, task_id, lambda: hand_over.refuse(work, task_id, body["reason"], principal().subject))


@api.post("/tasks/<task_id>/resend")
@roles(*STAFF, agency="record")
@command(schemas.NoteSchema, schemas.TaskDetailSchema)
def resend_task(work: UnitOfWork, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Sends a refused hand-over again."""
    require_giver(known_task(work.connection, task_id))
    with domain_errors_as_problems():
        return _detail(work, hand_over.resend(work, task_id, body["text"], principal().subject))


@api.post("/tasks/<task_id>/claim")
@roles(*OFFICIALS, agency="record")
@command(gives=schemas.TaskDetailSchema)
def claim_task(work: UnitOfWork, task_id: str) -> dict[str, Any]:
    """Takes a step upon oneself."""
    return _as_receiver(work, task_id, lambda: claim.claim(work, task_id, caller()))


@api.post("/tasks/<task_id>/release")
@roles(*OFFICIALS, agency="record")
@command(gives=schemas.TaskDetailSchema)
def release_task(work: UnitOfWork, task_id: str) -> dict[str, Any]:
    """Gives a step back to the unit."""
    return _as_receiver(work, task_id, lambda: claim.release(work, task_id, caller()))


@api.post("/tasks/<task_id>/assign")
@roles("leader", agency="record")
@command(schemas.AssignmentSchema, schemas.TaskDetailSchema)
def assign_task(work: UnitOfWork, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Gives a step to an official of the agency."""
    require_leader_of(known_task(work.connection, task_id).agency)
    with domain_errors_as_problems():
        return _detail(work, claim.reassign(work, task_id, body["official"], body["reason"], caller()))


@api.post("/tasks/<task_id>/notes")
@roles(*STAFF, agency="record")
@command(schemas.NoteSchema, schemas.TaskDetailSchema, status=201)
def add_note(work: UnitOfWork, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Keeps a remark on a step."""
    require_reader(work.connection, known_task(work.connection, task_id))
    with domain_errors_as_problems():
        return _detail(work, claim.remark(work, task_id, body["text"], principal().subject))


@api.post("/tasks/<task_id>/supplement")
@roles(*STAFF, agency="record")
@command(schemas.SupplementSchema, schemas.TaskDetailSchema)
def request_supplement(work: UnitOfWork, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Asks the citizen, through the one-stop desk and once, for more papers; the clock stands until he brings them."""
    return _as_doer(
        work,
        task_id,
        lambda: supplements.request_supplement(work, task_id, body["reason"], body["papers"], principal().subject),
    )


@api.post("/tasks/<task_id>/refuse")
@roles(*STAFF, agency="record")
@command(schemas.RefusalSchema, schemas.TaskDetailSchema)
def refuse_dossier(work: UnitOfWork, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Refuses to resolve the dossier, in writing; the refusal is what the citizen fetches."""
    return _as_doer(
        work,
        task_id,
        lambda: closure.refuse_dossier(work, task_id, body["reason"], body["document"], principal().subject),
    )


def _complete(work: UnitOfWork, task_id: str, body: dict[str, Any]) -> Task:
    task = known_task(work.connection, task_id)
    require_doer(work.connection, task)
    with domain_errors_as_problems():
        claim.require_claimed_by(work, task, caller())
        return complete.complete_task(work, task_id, by=principal().subject, **body)


def _as_doer(work: UnitOfWork, task_id: str, act: Callable[[], Task]) -> dict[str, Any]:
    task = known_task(work.connection, task_id)
    require_doer(work.connection, task)
    with domain_errors_as_problems():
        claim.require_claimed_by(work, task, caller())
        return _detail(work, act())


def _as_receiver(work: UnitOfWork, task_id: str, act: Callable[[], Task]) -> dict[str, Any]:
    require_receiver(known_task(work.connection, task_id))
    with domain_errors_as_problems():
        return _detail(work, act())


def _detail(work: UnitOfWork, task: Task) -> dict[str, Any]:
    return dossiers.task_detail(work.connection, task, work.now)
