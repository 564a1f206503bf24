"""The query behind a work queue: one function selects its steps, both for the number on its tile and for its list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from services.routing.queries.work_queues import Queue
from services.routing.store.tables import ESCALATED_TASKS, OPEN_TASKS, dossiers, tasks
from services.routing.store.tasks import Task
from shared.agencies.escalation import CENTRE, UNIT
from shared.calendar.deadlines import minute_of


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a work queue, with the agencies and officials whose steps concern them today.

    Attributes:
        subject: their identifier; officials: they themselves and those whose deputy they are.
        agencies: their own, with those merged into it.
        signing: agencies whose leader's steps they may sign: their own if they lead it, and those for which they are on duty.
        below: agencies below their own, for a leader.
        told_units, told_desks: for a leader, the agencies about whose steps the first escalation tells them, and the receiving desks
            about whose dossiers the second one does.
        now: the moment.
    """

    subject: str
    officials: frozenset[str]
    agencies: frozenset[str]
    signing: frozenset[str]
    below: frozenset[str]
    told_units: frozenset[str]
    told_desks: frozenset[str]
    now: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A step in a list, with what is shown of its dossier."""

    task: Task
    procedure: str
    version: int
    case: str
    dossier_due_at: datetime
    paused: bool


def belongs(queue: Queue, viewer: Viewer, search: str = "") -> list[ColumnElement[bool]]:
    """The conditions under which a step belongs to a queue for a viewer.

    Args:
        queue: the saved query.
        viewer: who looks at it.
        search: only dossiers whose code contains this text, in any letter case.
    """
    conditions: list[Any] = [OPEN_TASKS, _whose(queue, viewer)]
    conditions.append(tasks.c.refused_at.is_not(None) if queue.who == "given" else tasks.c.refused_at.is_(None))
    if queue.states:
        conditions.append(tasks.c.state.in_(queue.states))
    if queue.claimed is not None:
        conditions.append(tasks.c.official.is_not(None) if queue.claimed else tasks.c.official.is_(None))
    if queue.received is not None:
        conditions.append(tasks.c.accepted_at.is_not(None) if queue.received else tasks.c.accepted_at.is_(None))
    if queue.due == "soon":
        conditions += [tasks.c.due_soon_at.is_not(None), tasks.c.due_at >= minute_of(viewer.now)]
    if queue.due == "over":
        conditions.append(tasks.c.due_at < minute_of(viewer.now))
    if queue.official_role:
        conditions.append(tasks.c.official_role == queue.official_role)
    if queue.escalation_from:
        conditions += [ESCALATED_TASKS, tasks.c.escalation >= queue.escalation_from]
    if search:
        conditions.append(func.upper(tasks.c.dossier).contains(search.upper(), autoescape=True))
    return conditions


def _whose(queue: Queue, viewer: Viewer) -> ColumnElement[bool]:
    if queue.who == "mine":
        return tasks.c.official.in_(sorted(viewer.officials))
    if queue.who == "given":
        return tasks.c.from_agency.in_(sorted(viewer.agencies)) if viewer.agencies else false()
    if queue.who == "told":
        return _told(viewer)
    agencies = {"unit": viewer.agencies, "signing": viewer.signing, "below": viewer.below}[queue.who]
    return tasks.c.agency.in_(sorted(agencies)) if agencies else false()


def _told(viewer: Viewer) -> ColumnElement[bool]:
    """Whether an escalation told the viewer; see :mod:`shared.agencies.escalation`."""
    to_unit = and_(tasks.c.escalation >= UNIT, tasks.c.agency.in_(sorted(viewer.told_units)))
    return or_(to_unit, and_(tasks.c.escalation >= CENTRE, tasks.c.desk.in_(sorted(viewer.told_desks))))


def counts(connection: Connection, queues: Sequence[Queue], viewer: Viewer) -> list[int]:
    """How many steps each queue has: the numbers on the tiles, all in one round trip."""
    if not queues:
        return []
    numbers = [
        select(func.count()).select_from(tasks).where(*belongs(queue, viewer)).scalar_subquery() for queue in queues
    ]
    return [int(number) for number in connection.execute(select(*numbers)).one()]


def page(
    connection: Connection, queue: Queue, viewer: Viewer, search: str, after: Task | None, limit: int
) -> list[Line]:
    """Steps of a queue, the most urgent first, those without a due time at the end.

    Args:
        connection: any.
        queue: the saved query.
        viewer: who looks.
        search: as for :func:`belongs`.
        after: the last step of the page before.
        limit: steps on the page.
    """
    conditions = belongs(queue, viewer, search)
    if after is not None:
        conditions.append(_behind(after))
    statement = (
        select(
            tasks,
            dossiers.c.procedure,
            dossiers.c.version,
            dossiers.c.case,
            dossiers.c.due_at,
            dossiers.c.paused,
        )
        .join(dossiers, dossiers.c.code == tasks.c.dossier)
        .where(*conditions)
        .order_by(tasks.c.due_at.nulls_last(), tasks.c.id)  # the order of the index
        .limit(limit)
    )
    width = len(Task.__slots__)
    return [Line(Task(*row[:width]), *row[width:]) for row in connection.execute(statement)]


def _behind(task: Task) -> ColumnElement[bool]:
    """Steps after a step in the order of due times, those without a due time at the end."""
    if task.due_at is None:
        return and_(tasks.c.due_at.is_(None), tasks.c.id > task.id)
    same = and_(tasks.c.due_at == task.due_at, tasks.c.id > task.id)
    return or_(tasks.c.due_at > task.due_at, same, tasks.c.due_at.is_(None))


def page_of_agencies(
    connection: Connection,
    agencies: Collection[str],
    states: Collection[str] = (),
    dossier: str = "",
    after: str = "",
    limit: int = 50,
) -> list[tuple[Task, str, int, str]]:
    """Steps of some agencies in the order of assignment, open or done, each with its dossier's procedure, version and case.

    Args:
        connection: any.
        agencies: whose steps.
        states: only steps in these; all when empty.
        dossier: only steps of this dossier, if given.
        after: the id of the last step of the page before.
        limit: steps on the page.
    """
    statement = (
        select(tasks, dossiers.c.procedure, dossiers.c.version, dossiers.c.case)
        .join(dossiers, dossiers.c.code == tasks.c.dossier)
        .where(tasks.c.agency.in_(sorted(agencies)), tasks.c.id > after)
        .order_by(tasks.c.id)
        .limit(limit)
    )
    if states:
        statement = statement.where(tasks.c.state.in_(sorted(states)))
    if dossier:
        statement = statement.where(tasks.c.root == dossier)
    return [(Task(*row[:-3]), *row[-3:]) for row in connection.execute(statement)]
