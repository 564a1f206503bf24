"""The JSON API of routing: steps to do, and a dossier's way with its clock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from services.routing import commands, reading, store
from services.routing.audit import record_read
from services.routing.competence import work_of
from services.routing.domain.duties import RANKS, may_do
from services.routing.domain.process import AmountMissing, AmountNotAllowed
from services.routing.execution import Unroutable, day_of
from services.routing.schemas import (
    CompletionSchema,
    DossierSchema,
    TaskDetailSchema,
    TaskPageSchema,
    TasksQuerySchema,
)
from services.routing.store import Task
from shared.catalogue import UnknownOutcome
from shared.store import UnitOfWork
from shared.web.access import principal, require_agency, roles, scope_checked
from shared.web.openapi import ApiBlueprint
from shared.web.operations import command, context, query
from shared.web.problem import Problem

STAFF = ("officer", "leader", "clerk", "agency")

api = ApiBlueprint("routing", description="Các bước xử lý và đồng hồ của hồ sơ (steps of dossiers and their clock)")


@api.get("/tasks")
@roles(*STAFF, agency="record")
@query(TasksQuerySchema, TaskPageSchema)
def list_tasks(connection: Connection, asked: dict[str, Any]) -> dict[str, Any]:
    """Lists the steps of one's own agency in the order of assignment."""
    own = asked["agency"] or principal().agency
    _require_one_of([own])
    agencies = _work_of_caller() if own == principal().agency else {own}
    states = [asked["state"]] if asked["state"] else []
    wanted = reading.Worklist(agencies, states, asked["dossier"], asked["cursor"], asked["limit"])
    record_read("tasks", asked["dossier"] or own)
    return reading.worklist(connection, wanted, context().clock.now())


@api.get("/tasks/<task_id>")
@roles(*STAFF, agency="record")
@query(None, TaskDetailSchema)
def show_task(connection: Connection, task_id: str) -> dict[str, Any]:
    """Shows a step of one's own agency."""
    task = _task(connection, task_id)
    _require_one_of([task.agency])
    record_read("task", task.dossier)
    return reading.task_detail(connection, task, context().clock.now())


@api.post("/tasks/<task_id>/complete")
@roles(*STAFF, agency="record")
@command(CompletionSchema, TaskDetailSchema)
def complete_task(work: UnitOfWork, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Completes a step of one's own agency; the dossier goes on, waits for a payment, or has its result."""
    task = _task(work.connection, task_id)
    _require_one_of([task.agency])
    _require_rank(task.official_role)
    try:
        completed = commands.complete_task(work, task_id, by=principal().subject, **body)
    except commands.NotOpen as error:
        raise _not_open(error.task) from error
    except UnknownOutcome as error:
        raise _unknown_outcome(error) from error
    except (AmountMissing, AmountNotAllowed) as error:
        raise _amount(error) from error
    except Unroutable as error:
        raise _unroutable(error) from error
    return reading.task_detail(work.connection, completed, work.now)


@api.get("/dossiers/<code>")
@roles(*STAFF, agency="record")
@query(None, DossierSchema)
def show_dossier(connection: Connection, code: str) -> dict[str, Any]:
    """Shows a dossier's steps and its clock to the agencies that have to do with it."""
    dossier = store.find_dossier(connection, code)
    if dossier is None:
        raise Problem(404, "not-found", detail=f"Không có hồ sơ {code}.", detail_en=f"There is no dossier {code}.")
    tasks = store.tasks_of(connection, code)
    _require_one_of([dossier.receiving_agency, dossier.handling_agency, *(task.agency for task in tasks)])
    record_read("dossier", code)
    return reading.dossier_view(connection, dossier, tasks, context().reference, context().clock.now())


def _task(connection: Connection, id_: str) -> Task:
    task = store.find_task(connection, id_)
    if task is None:
        raise Problem(404, "not-found", detail=f"Không có bước xử lý {id_}.", detail_en=f"There is no step {id_}.")
    return task


def _work_of_caller() -> frozenset[str]:
    here = context()
    return work_of(here.reference.agencies, principal().agency, day_of(here.clock.now()))


def _require_one_of(agencies: Iterable[str]) -> None:
    """Refuses whoever does the work of none of these agencies; 403."""
    concerned = set(agencies)
    if concerned & _work_of_caller():
        scope_checked()
    else:
        require_agency(*concerned)


def _require_rank(official_role: str) -> None:
    if not may_do(principal().roles, official_role):
        allowed = sorted(role for role, rank in RANKS.items() if rank >= RANKS[official_role])
        raise Problem(403, "forbidden", roles=[*allowed, "agency"])


def _not_open(task: Task) -> Problem:
    if task.completed_at is None:
        vi = f"Bước này đã được {task.completed_by} thực hiện và đang chờ người dân nộp tiền."
        en = f"The step was done by {task.completed_by} and awaits the citizen's payment."
    else:
        vi = f"Bước này đã được {task.completed_by} hoàn thành lúc {task.completed_at:%H:%M ngày %d/%m/%Y}."
        en = f"The step was completed by {task.completed_by} at {task.completed_at:%H:%M on %d/%m/%Y}."
    return Problem(
        409,
        "step-completed",
        "Bước xử lý đã hoàn thành",
        "The step has been completed",
        detail=vi,
        detail_en=en,
        state=task.state,
        outcome=task.outcome,
        completed_by=task.completed_by,
        completed_at=task.completed_at,
    )


def _unknown_outcome(error: UnknownOutcome) -> Problem:
    allowed = ", ".join(error.options)
    fault = {
        "field": "outcome",
        "message": f"Kết quả phải là một trong: {allowed}.",
        "message_en": f"Must be one of: {allowed}.",
    }
    return Problem(422, "invalid", errors=[fault], allowed=list(error.options))  # type: ignore[list-item]


def _amount(error: AmountMissing | AmountNotAllowed) -> Problem:
    if isinstance(error, AmountMissing):
        vi, en = "Cần số tiền lớn hơn 0 đồng cho kết quả này.", "This outcome needs an amount in VND greater than 0."
    else:
        vi, en = "Kết quả này không có số tiền phải nộp.", "This outcome takes no amount."
    return Problem(422, "invalid", errors=[{"field": "amount", "message": vi, "message_en": en}])


def _unroutable(error: Unroutable) -> Problem:
    return Problem(
        409,
        "unroutable",
        "Không xác định được cơ quan cho bước tiếp theo",
        "No agency can be found for the next step",
        detail="Dữ liệu cơ quan cần được bổ sung; bước này vẫn chưa hoàn thành.",
        detail_en=str(error),
    )
