"""Rows whose `next_check_at` has passed, for the sweeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Table, bindparam, func, or_, select, tuple_

from services.routing.store.applications import applications
from services.routing.store.tables import LATE_TASKS, OPEN_TASKS, dossiers, tasks
from shared.persistence.sql import Moment


@dataclass(frozen=True, slots=True)
class DueCheck:
    """A row to check; a sweep visits rows in the order (next_check_at, key)."""

    next_check_at: datetime
    key: str


Pages = Callable[[Connection, datetime, DueCheck | None, int], list[DueCheck]]
"""One page of rows to check by a moment, after the last row of the page before, in the order of `next_check_at`."""


def _pages(table: Table, key: Column[str]) -> Pages:
    next_check_at = table.c.next_check_at

    def page(connection: Connection, now: datetime, after: DueCheck | None, limit: int) -> list[DueCheck]:
        statement = select(next_check_at, key).where(next_check_at <= now, next_check_at.is_not(None))
        if after is not None:
            statement = statement.where(tuple_(next_check_at, key) > (after.next_check_at, after.key))
        return [DueCheck(*row) for row in connection.execute(statement.order_by(next_check_at, key).limit(limit))]

    return page


dossiers_due_for_check = _pages(dossiers, dossiers.c.code)
tasks_due_for_check = _pages(tasks, tasks.c.id)
applications_due_for_check = _pages(applications, applications.c.code)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The deadlines of a citizen's dossier that has not ended or is marked overdue; `due_at` is the one that was missed, if one was."""

    key: str
    receiving_agency: str
    received_at: datetime
    due_at: datetime
    supplement_until: datetime | None


_D = dossiers.c
_DEADLINES = (
    select(
        _D.code,
        _D.receiving_agency,
        _D.received_at,
        func.coalesce(_D.overdue_at, _D.due_at, type_=Moment()),
        _D.supplement_until,
    )
    .where(
        _D.root == _D.code,
        or_(_D.state.in_(("active", "supplement")), _D.overdue_at > bindparam("since")),
        _D.code > bindparam("after"),
    )
    .order_by(_D.code)
    .limit(bindparam("most"))
)


def deadlines_after(connection: Connection, after: str, limit: int, since: datetime) -> list[Deadline]:
    """One page of the deadlines of all dossiers in hand, and of those that were overdue after `since`, after a dossier's code."""
    rows = connection.execute(_DEADLINES, {"after": after, "most": limit, "since": since})
    return [Deadline(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class StepDeadlines:
    """The deadlines of a step: of its work, of the receipt of its hand-over, and the end of its public posting."""

    key: str
    agency: str
    due_at: datetime | None
    receipt_due_at: datetime | None
    wait_until: datetime | None


_T = tasks.c
_STEP_DEADLINES = (
    select(_T.id, _T.agency, _T.due_at, _T.receipt_due_at, _T.wait_until).where(OPEN_TASKS).order_by(_T.id)
)


def step_deadlines_after(connection: Connection, after: str, limit: int) -> list[StepDeadlines]:
    """One page of the deadlines of all open steps, after a step's id."""
    return [StepDeadlines(*row) for row in connection.execute(_STEP_DEADLINES.where(_T.id > after).limit(limit))]


_LATE_STEPS = (
    select(_T.id, _T.agency, _T.due_at)
    .where(LATE_TASKS, _T.completed_at > bindparam("since"), _T.id > bindparam("after"))
    .order_by(_T.id)
    .limit(bindparam("most"))
)


def late_steps_after(connection: Connection, after: str, limit: int, since: datetime) -> list[StepDeadlines]:
    """One page of the steps that were completed late after `since`, after a step's id, each with the time that it missed."""
    rows = connection.execute(_LATE_STEPS, {"after": after, "most": limit, "since": since})
    return [StepDeadlines(key, agency, due_at, None, None) for key, agency, due_at in rows]
