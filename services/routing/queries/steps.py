"""Steps as the API and the pages show them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.routing.domain.states import TaskState
from services.routing.queries.procedures import ProcedureCache
from services.routing.store import dossiers, tasks, worklists
from services.routing.store.tasks import Note, Task
from shared.calendar.deadlines import is_past
from shared.catalogue.route import Step


@dataclass(frozen=True, slots=True)
class StepView(Task):
    """A step's row, and what follows from it now.

    Attributes:
        outcomes: those it may still have; empty once it is completed.
        obligation_outcome: the outcome that needs an amount.
        overdue, due_soon: by its own due time, while it is open.
        notes: its remarks, where they are asked for.
    """

    outcomes: tuple[str, ...] = ()
    obligation_outcome: str | None = None
    overdue: bool = False
    due_soon: bool = False
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class StepFilter:
    """Which steps a page lists.

    Attributes:
        agencies: whose steps.
        states, dossier: further limits; none when empty.
        after: the cursor, the id of the last step of the page before.
        limit: steps on a page.
    """

    agencies: Collection[str]
    states: Collection[str] = ()
    dossier: str = ""
    after: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class StepPage:
    """Steps in the order of assignment; `next` is the cursor of the next page, None on the last one."""

    items: list[StepView]
    next: str | None


def step_page(connection: Connection, asked: StepFilter, now: datetime) -> StepPage:
    """One page of steps, open or done."""
    rows = worklists.page_of_agencies(
        connection, asked.agencies, asked.states, asked.dossier, asked.after, asked.limit + 1
    )
    page = rows[: asked.limit]
    known = ProcedureCache(connection)
    items = [
        StepView(**step_values(task, known.step_of(task, procedure, version, case), now))
        for task, procedure, version, case in page
    ]
    return StepPage(items, page[-1][0].id if len(rows) > len(page) else None)


def step_detail(connection: Connection, task: Task, now: datetime) -> StepView:
    """One step with its remarks."""
    dossier = dossiers.find(connection, task.dossier)
    if dossier is None:
        raise LookupError(f"step {task.id} belongs to no dossier")
    step = ProcedureCache(connection).step_of(task, dossier.procedure, dossier.version, dossier.case)
    notes = tasks.notes_of(connection, [task.id]).get(task.id, ())
    return StepView(**step_values(task, step, now), notes=tuple(notes))


def step_values(task: Task, step: Step | None, now: datetime) -> dict[str, Any]:
    """The arguments of a :class:`StepView`, without its remarks.

    Args:
        task: its row.
        step: of the route; None for a correction.
        now: the moment.
    """
    is_open = task.state == TaskState.OPEN
    overdue = is_open and task.due_at is not None and is_past(task.due_at, now)
    return {name: getattr(task, name) for name in Task.__slots__} | {
        "outcomes": (tuple(step.outcomes) if step else ("completed",)) if is_open else (),
        "obligation_outcome": step.obligation.outcome if is_open and step and step.obligation else None,
        "overdue": overdue,
        "due_soon": is_open and not overdue and task.due_soon_at is not None,
    }
