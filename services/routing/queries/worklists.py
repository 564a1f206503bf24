"""Work queues as the API and the pages show them: tiles with numbers, and the lists behind them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.routing.queries.procedures import ProcedureCache
from services.routing.queries.steps import StepView, step_values
from services.routing.queries.work_queues import Queue, all_queues
from services.routing.store import applications, tasks, worklists
from services.routing.store.worklists import Line, Viewer


@dataclass(frozen=True, slots=True)
class Tile:
    """A queue with the number of its steps; `label` is Vietnamese."""

    id: str
    label: str
    label_en: str
    count: int


@dataclass(frozen=True, slots=True)
class WaitingApplications:
    """Applications that wait for an answer: all, those of which the desk was alerted, and those overdue."""

    waiting: int
    alerted: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine(StepView):
    """A step of a queue, with what is shown of its dossier."""

    procedure: str
    procedure_name: str
    case: str
    dossier_due_at: datetime
    paused: bool


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Steps of a queue, the most urgent first; `next` is the cursor of the next page, None on the last one."""

    queue: Tile
    items: list[QueueLine]
    next: str | None


def tiles(connection: Connection, viewer: Viewer, roles: Collection[str]) -> list[Tile]:
    """The queues that a viewer with these roles sees."""
    seen = [queue for queue in all_queues() if queue.seen_by(roles)]
    numbers = worklists.counts(connection, seen, viewer)
    return [_tile(queue, number) for queue, number in zip(seen, numbers, strict=True)]


def applications_waiting(connection: Connection, viewer: Viewer, roles: Collection[str]) -> WaitingApplications | None:
    """The applications that wait for the viewer's desk; leaders also see those of the desks below.

    Returns:
        None for those who do not answer applications, and where none waits.
    """
    if {"clerk", "leader"}.isdisjoint(roles):
        return None
    found = applications.count_waiting(connection, viewer.agencies | viewer.below)
    if not found:
        return None
    return WaitingApplications(
        sum(one.waiting for one in found), sum(one.alerted for one in found), sum(one.overdue for one in found)
    )


def queue_page(connection: Connection, queue: Queue, viewer: Viewer, search: str, cursor: str, limit: int) -> QueuePage:
    """One page of a queue.

    Args:
        connection: any.
        queue, viewer, search: as for :func:`services.routing.store.worklists.belongs`.
        cursor: the id of the last step of the page before; empty for the first page.
        limit: steps on the page.
    """
    after = tasks.find(connection, cursor) if cursor else None
    lines = worklists.page(connection, queue, viewer, search, after, limit + 1)
    page = lines[:limit]
    known = ProcedureCache(connection)
    return QueuePage(
        _tile(queue, worklists.counts(connection, [queue], viewer)[0]),
        [_line(line, known, viewer.now) for line in page],
        page[-1].task.id if len(lines) > len(page) else None,
    )


def _line(line: Line, known: ProcedureCache, now: datetime) -> QueueLine:
    step = known.step_of(line.task, line.procedure, line.version, line.case)
    return QueueLine(
        **step_values(line.task, step, now),
        procedure=line.procedure,
        procedure_name=known.get(line.procedure, line.version).name,
        case=line.case,
        dossier_due_at=line.dossier_due_at,
        paused=line.paused,
    )


def _tile(queue: Queue, number: int) -> Tile:
    return Tile(queue.id, queue.vi, queue.en, number)
