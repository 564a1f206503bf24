"""Rows and statements of steps, and of the remarks on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from services.routing.domain.states import TaskState, check_task_move
from services.routing.store.tables import OPEN_TASKS, notes, tasks

STEP = "step"
CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Task:
    """A row of `task`; tables.py says what each column holds."""

    id: str
    dossier: str
    root: str
    kind: str
    step: str
    name: str
    agency: str
    official_role: str
    state: str
    counted: bool
    from_agency: str
    desk: str
    assigned_at: datetime
    receipt_due_at: datetime | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    official: str | None = None
    wait_until: datetime | None = None
    due_at: datetime | None = None
    completed_at: datetime | None = None
    completed_by: str | None = None
    outcome: str | None = None
    note: str | None = None
    on_time: bool | None = None
    obligation: str | None = None
    amount: int | None = None
    payment: str | None = None
    sub: str | None = None
    lapsed_at: datetime | None = None
    refused_at: datetime | None = None
    refusal: str | None = None
    due_soon_at: datetime | None = None
    overdue_at: datetime | None = None
    escalation: int = 0
    next_check_at: datetime | None = None

    def with_(self, **values: Any) -> Task:
        """The same with other values."""
        return replace(self, **values)


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on a step."""

    at: datetime
    by: str
    text: str


_TASK = select(tasks).where(tasks.c.id == bindparam("id"))
_OF_OBLIGATION = select(tasks).where(tasks.c.root == bindparam("root"), tasks.c.obligation == bindparam("obligation"))
_OF_DOSSIER = select(tasks).where(tasks.c.dossier == bindparam("dossier")).order_by(tasks.c.id)
_OF_ROOT = select(tasks).where(tasks.c.root == bindparam("root")).order_by(tasks.c.id)
_OPEN_OF_DOSSIER = _OF_DOSSIER.where(OPEN_TASKS)
_OPEN_OF_ROOT = _OF_ROOT.where(OPEN_TASKS)
_DOSSIER_OF = select(tasks.c.dossier).where(tasks.c.id == bindparam("id"))
_ADD = insert(tasks)
_UPDATE = update(tasks).where(tasks.c.id == bindparam("of_id"))
_MOVE = _UPDATE.where(tasks.c.state == bindparam("before"))
_ADD_NOTE = insert(notes)


def find(connection: Connection, id_: str) -> Task | None:
    """A step by its id."""
    row = connection.execute(_TASK, {"id": id_}).first()
    return Task(*row) if row else None


def dossier_of(connection: Connection, id_: str) -> str | None:
    """The code of the dossier that a step belongs to, which never changes; None when there is no such step."""
    code: str | None = connection.execute(_DOSSIER_OF, {"id": id_}).scalar_one_or_none()
    return code


def of_obligation(connection: Connection, root: str, obligation: str) -> Task | None:
    """The step that requested an obligation of a citizen's dossier."""
    row = connection.execute(_OF_OBLIGATION, {"root": root, "obligation": obligation}).first()
    return Task(*row) if row else None


def of_dossier(connection: Connection, code: str) -> list[Task]:
    """The steps of a dossier without its sub-dossiers, in the order of assignment."""
    return [Task(*row) for row in connection.execute(_OF_DOSSIER, {"dossier": code})]


def of_root(connection: Connection, root: str) -> list[Task]:
    """The steps of a citizen's dossier with all its sub-dossiers, in the order of assignment."""
    return [Task(*row) for row in connection.execute(_OF_ROOT, {"root": root})]


def open_of_dossier(connection: Connection, code: str) -> list[Task]:
    """A dossier's open steps, without its sub-dossiers' steps and without corrections."""
    rows = connection.execute(_OPEN_OF_DOSSIER, {"dossier": code})
    return [task for task in (Task(*row) for row in rows) if task.kind == STEP]


def open_of_root(connection: Connection, root: str) -> list[Task]:
    """All open tasks of a citizen's dossier, those of sub-dossiers and corrections included."""
    return [Task(*row) for row in connection.execute(_OPEN_OF_ROOT, {"root": root})]


def add(connection: Connection, task: Task) -> None:
    """Stores a new step."""
    names = Task.__slots__  # half of them are null at first, and to name those takes longer
    connection.execute(_ADD, {name: value for name in names if (value := getattr(task, name)) is not None})


def change(connection: Connection, id_: str, **values: Any) -> None:
    """Changes columns of a step, but not its state; the caller holds the lock of the dossier's root."""
    connection.execute(_UPDATE, {"of_id": id_, **values})


def move(connection: Connection, id_: str, before: TaskState, after: TaskState, **values: Any) -> bool:
    """Changes a step's state by compare and set; nothing else may change it. Arguments and result as for dossiers."""
    check_task_move(before, after)
    return connection.execute(_MOVE, {"of_id": id_, "before": before, "state": after, **values}).rowcount == 1


def add_note(connection: Connection, task: str, at: datetime, by: str, text: str) -> None:
    """Stores a remark on a step."""
    connection.execute(_ADD_NOTE, {"task": task, "at": at, "by": by, "text": text})


def notes_of(connection: Connection, ids: Sequence[str]) -> dict[str, list[Note]]:
    """The remarks on some steps, by step, in order."""
    found: dict[str, list[Note]] = {}
    statement = select(notes.c.task, notes.c.at, notes.c.by, notes.c.text)
    for task, at, by, text in connection.execute(statement.where(notes.c.task.in_(ids)).order_by(notes.c.id)):
        found.setdefault(task, []).append(Note(at, by, text))
    return found
