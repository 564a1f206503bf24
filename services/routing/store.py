"""The queries of routing's own database; its tables are in tables.py."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from services.routing.domain.clock import Interval, Kind
from services.routing.domain.states import DossierState, TaskState, check_dossier_move, check_task_move
from services.routing.tables import OVERDUE_CANDIDATES, audit, dossiers, intervals, metadata, procedure_versions, tasks

__all__ = ["Dossier", "DueDossier", "Task", "metadata"]


@dataclass(frozen=True, slots=True)
class Dossier:
    """A row of `dossier`."""

    code: str
    procedure: str
    version: int
    case: str
    field: str
    receiving_agency: str
    handling_agency: str
    regulation: str
    received_at: datetime
    promised_at: datetime
    due_at: datetime
    state: str
    paused: bool
    overdue_at: datetime | None = None
    outcome: str | None = None
    resolved_at: datetime | None = None
    on_time: bool | None = None
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A row of `task`: a step that an agency was given."""

    id: str
    dossier: str
    step: str
    name: str
    agency: str
    official_role: str
    state: str
    counted: bool
    assigned_at: datetime
    due_at: datetime | None
    completed_at: datetime | None = None
    completed_by: str | None = None
    outcome: str | None = None
    note: str | None = None
    on_time: bool | None = None
    obligation: str | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class DueDossier:
    """A dossier whose due time has passed; its place in the order of the sweep is (due_at, code)."""

    due_at: datetime
    code: str


_DIGEST = select(procedure_versions.c.digest).where(
    procedure_versions.c.code == bindparam("code"), procedure_versions.c.version == bindparam("version")
)
_DEFINITION = select(procedure_versions.c.definition).where(
    procedure_versions.c.code == bindparam("code"), procedure_versions.c.version == bindparam("version")
)
_DOSSIER = select(dossiers).where(dossiers.c.code == bindparam("code"))
_DOSSIER_LOCKED = _DOSSIER.with_for_update()
_TASK = select(tasks).where(tasks.c.id == bindparam("id"))
_TASK_OF_OBLIGATION = select(tasks).where(
    tasks.c.dossier == bindparam("dossier"), tasks.c.obligation == bindparam("obligation")
)
_TASKS = select(tasks).where(tasks.c.dossier == bindparam("dossier")).order_by(tasks.c.id)
_OPEN_TASKS = (
    select(tasks)
    .where(tasks.c.dossier == bindparam("dossier"), tasks.c.state.in_((TaskState.OPEN, TaskState.AWAITING_PAYMENT)))
    .order_by(tasks.c.id)
)
_INTERVALS = (
    select(intervals.c.kind, intervals.c.reason, intervals.c.begins_at, intervals.c.ends_at)
    .where(intervals.c.dossier == bindparam("dossier"))
    .order_by(intervals.c.number)
)
_END_INTERVAL = (
    update(intervals)
    .where(intervals.c.dossier == bindparam("of_dossier"), intervals.c.ends_at.is_(None))
    .values(ends_at=bindparam("end"))
)
_MARK_OVERDUE = (
    update(dossiers)
    .where(dossiers.c.code == bindparam("of_code"), OVERDUE_CANDIDATES)
    .values(overdue_at=bindparam("at"))
)
_DUE = (
    select(dossiers.c.due_at, dossiers.c.code)
    .where(dossiers.c.due_at < bindparam("now"), OVERDUE_CANDIDATES)
    .order_by(dossiers.c.due_at, dossiers.c.code)
    .limit(bindparam("most"))
)
_DUE_AFTER = _DUE.where(
    or_(
        dossiers.c.due_at > bindparam("after_due"),
        and_(dossiers.c.due_at == bindparam("after_due"), dossiers.c.code > bindparam("after_code")),
    )
)


def digest_of(connection: Connection, code: str, version: int) -> str | None:
    """The digest of a published procedure version; None when it is unknown here."""
    return connection.execute(_DIGEST, {"code": code, "version": version}).scalar_one_or_none()


def definition_of(connection: Connection, code: str, version: int) -> str:
    """The definition of a published procedure version, as JSON."""
    definition: str = connection.execute(_DEFINITION, {"code": code, "version": version}).scalar_one()
    return definition


def add_procedure(connection: Connection, code: str, version: int, digest: str, definition: str) -> None:
    """Keeps a published procedure version."""
    values = {"code": code, "version": version, "digest": digest, "definition": definition}
    connection.execute(insert(procedure_versions), values)


def find_dossier(connection: Connection, code: str, lock: bool = False) -> Dossier | None:
    """A dossier by its code; locked until the transaction ends when it is to be changed."""
    row = connection.execute(_DOSSIER_LOCKED if lock else _DOSSIER, {"code": code}).first()
    return Dossier(*row) if row else None


def add_dossier(connection: Connection, dossier: Dossier) -> None:
    """Keeps a dossier that begins its way."""
    connection.execute(insert(dossiers), {name: getattr(dossier, name) for name in Dossier.__slots__})


def update_dossier(connection: Connection, code: str, **values: Any) -> None:
    """Changes a dossier's facts beside its state; the caller holds its lock."""
    connection.execute(update(dossiers).where(dossiers.c.code == bindparam("of_code")), {"of_code": code, **values})


def move_dossier(connection: Connection, code: str, before: DossierState, after: DossierState, **values: Any) -> bool:
    """The one way in which a dossier's state changes: compare and set.

    Args:
        code: the dossier.
        before: the state that it must be in.
        after: the state that it gets.
        values: further columns to set with it.

    Returns:
        Whether it was in `before`; otherwise nothing has changed.
    """
    check_dossier_move(before, after)
    statement = update(dossiers).where(dossiers.c.code == bindparam("of_code"), dossiers.c.state == bindparam("before"))
    return connection.execute(statement, {"of_code": code, "before": before, "state": after, **values}).rowcount == 1


def mark_overdue(connection: Connection, code: str, at: datetime) -> bool:
    """Notes that an active dossier whose time runs is late; False when it is no such dossier, or was noted before."""
    return connection.execute(_MARK_OVERDUE, {"of_code": code, "at": at}).rowcount == 1


def due_dossiers(connection: Connection, now: datetime, after: DueDossier | None, most: int) -> list[DueDossier]:
    """Active dossiers whose time runs and was up before `now`, not yet found overdue; one page in the order of due times."""
    if after is None:
        rows = connection.execute(_DUE, {"now": now, "most": most})
    else:
        rows = connection.execute(
            _DUE_AFTER, {"now": now, "most": most, "after_due": after.due_at, "after_code": after.code}
        )
    return [DueDossier(*row) for row in rows]


def find_task(connection: Connection, id_: str) -> Task | None:
    """A step by its id."""
    row = connection.execute(_TASK, {"id": id_}).first()
    return Task(*row) if row else None


def task_of_obligation(connection: Connection, dossier: str, obligation: str) -> Task | None:
    """The step of a dossier that requested an obligation."""
    row = connection.execute(_TASK_OF_OBLIGATION, {"dossier": dossier, "obligation": obligation}).first()
    return Task(*row) if row else None


def tasks_of(connection: Connection, dossier: str) -> list[Task]:
    """All steps of a dossier, in the order of assignment."""
    return [Task(*row) for row in connection.execute(_TASKS, {"dossier": dossier})]


def open_tasks_of(connection: Connection, dossier: str) -> list[Task]:
    """The steps at which a dossier stands."""
    return [Task(*row) for row in connection.execute(_OPEN_TASKS, {"dossier": dossier})]


def add_task(connection: Connection, task: Task) -> None:
    """Keeps a step that was given to an agency."""
    connection.execute(insert(tasks), {name: getattr(task, name) for name in Task.__slots__})


def move_task(connection: Connection, id_: str, before: TaskState, after: TaskState, **values: Any) -> bool:
    """The one way in which a step's state changes: compare and set; arguments and result as for :func:`move_dossier`."""
    check_task_move(before, after)
    statement = update(tasks).where(tasks.c.id == bindparam("of_id"), tasks.c.state == bindparam("before"))
    return connection.execute(statement, {"of_id": id_, "before": before, "state": after, **values}).rowcount == 1


def page_of_tasks(
    connection: Connection,
    agencies: Collection[str],
    states: Collection[str] = (),
    dossier: str = "",
    after: str = "",
    most: int = 50,
) -> list[tuple[Task, str, int, str]]:
    """Steps of some agencies in the order of assignment, each with its dossier's procedure, version and case.

    Args:
        agencies: whose steps.
        states: only steps in these; all when empty.
        dossier: only steps of this dossier, if given.
        after: the id of the last step of the page before.
        most: steps on the page.
    """
    statement = (
        select(tasks, dossiers.c.procedure, dossiers.c.version, dossiers.c.case)
        .join(dossiers, dossiers.c.code == tasks.c.dossier)
        .where(tasks.c.agency.in_(sorted(agencies)), tasks.c.id > after)
        .order_by(tasks.c.id)
        .limit(most)
    )
    if states:
        statement = statement.where(tasks.c.state.in_(sorted(states)))
    if dossier:
        statement = statement.where(tasks.c.dossier == dossier)
    return [(Task(*row[:-3]), *row[-3:]) for row in connection.execute(statement)]


def intervals_of(connection: Connection, dossier: str) -> list[Interval]:
    """The clock of a dossier, in order."""
    rows = connection.execute(_INTERVALS, {"dossier": dossier})
    return [Interval(Kind(kind), reason, begins_at, ends_at) for kind, reason, begins_at, ends_at in rows]


def add_interval(connection: Connection, dossier: str, number: int, interval: Interval) -> None:
    """Begins an interval; `number` is its place in the dossier's life, from 1."""
    values = {
        "dossier": dossier,
        "number": number,
        "kind": interval.kind,
        "reason": interval.reason,
        "begins_at": interval.begins_at,
        "ends_at": interval.ends_at,
    }
    connection.execute(insert(intervals), values)


def end_interval(connection: Connection, dossier: str, at: datetime) -> None:
    """Ends the interval of a dossier that lasts."""
    connection.execute(_END_INTERVAL, {"of_dossier": dossier, "end": at})


def add_audit(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keeps who read what: `at`, `subject`, `agency`, `action` and `record` each."""
    connection.execute(insert(audit), rows)
