"""Rows and statements of dossiers, and of the intervals of their clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from services.routing.domain.clock import Interval, Kind
from services.routing.domain.states import DossierState, check_dossier_move
from services.routing.store.tables import OVERDUE_DOSSIERS, dossiers, intervals


@dataclass(frozen=True, slots=True)
class Dossier:
    """A row of `dossier`; tables.py says what each column holds."""

    code: str
    root: str
    parent_task: str | None
    procedure: str
    version: int
    case: str
    chosen: str
    field: str
    receiving_agency: str
    handling_agency: str
    regulation: str
    remote: bool
    received_at: datetime
    promised_at: datetime
    due_at: datetime
    index_due_at: datetime
    state: str
    paused: bool
    supplements: int = 0
    supplement_until: datetime | None = None
    extended_at: datetime | None = None
    extended_from: datetime | None = None
    extended_to: datetime | None = None
    extended_by: str | None = None
    moved_at: datetime | None = None
    moved_to: datetime | None = None
    promise_moved_to: datetime | None = None
    due_soon_at: datetime | None = None
    overdue_at: datetime | None = None
    escalation: int = 0
    next_check_at: datetime | None = None
    outcome: str | None = None
    resolved_at: datetime | None = None
    on_time: bool | None = None
    index_on_time: bool | None = None
    returned_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_cause: str | None = None
    stopped_by: str | None = None
    control_sheet_entries: int = 0
    control_sheet_hash: str = ""

    @property
    def is_sub(self) -> bool:
        """Whether it is part of another dossier."""
        return self.root != self.code


_DOSSIER = select(dossiers).where(dossiers.c.code == bindparam("code"))
_OWN = dossiers.alias("own")
_ROOT_LOCKED = (
    select(dossiers)
    .join(_OWN, _OWN.c.root == dossiers.c.code)
    .where(_OWN.c.code == bindparam("code"))
    .with_for_update(of=dossiers)
)
_SUBS = (
    select(dossiers)
    .where(dossiers.c.root == bindparam("root"), dossiers.c.code != bindparam("root"))
    .order_by(dossiers.c.code)
)
_ADD = insert(dossiers)
_UPDATE = update(dossiers).where(dossiers.c.code == bindparam("of_code"))
_MOVE = _UPDATE.where(dossiers.c.state == bindparam("before"))
_COUNT_OVERDUE = (
    select(dossiers.c.handling_agency, dossiers.c.field, func.count())
    .where(OVERDUE_DOSSIERS)
    .group_by(dossiers.c.handling_agency, dossiers.c.field)
)
_INTERVALS = (
    select(intervals.c.kind, intervals.c.reason, intervals.c.begins_at, intervals.c.ends_at)
    .where(intervals.c.dossier == bindparam("dossier"))
    .order_by(intervals.c.number)
)
_ADD_INTERVAL = insert(intervals)
_END_INTERVAL = (
    update(intervals)
    .where(intervals.c.dossier == bindparam("of_dossier"), intervals.c.ends_at.is_(None))
    .values(ends_at=bindparam("end"))
)


def find(connection: Connection, code: str) -> Dossier | None:
    """A dossier by its code."""
    row = connection.execute(_DOSSIER, {"code": code}).first()
    return Dossier(*row) if row else None


def lock_root(connection: Connection, code: str) -> Dossier | None:
    """The citizen's dossier to which a dossier belongs, or which it is, locked until the transaction ends; None when there is none."""
    row = connection.execute(_ROOT_LOCKED, {"code": code}).first()
    return Dossier(*row) if row else None


def subs_of(connection: Connection, root: str) -> list[Dossier]:
    """The sub-dossiers of a citizen's dossier."""
    return [Dossier(*row) for row in connection.execute(_SUBS, {"root": root})]


def add(connection: Connection, dossier: Dossier) -> None:
    """Stores a new dossier."""
    names = Dossier.__slots__  # half of them are null at first, and to name those takes longer
    connection.execute(_ADD, {name: value for name in names if (value := getattr(dossier, name)) is not None})


def change(connection: Connection, code: str, **values: Any) -> None:
    """Changes columns of a dossier, but not its state; the caller holds its root's lock."""
    connection.execute(_UPDATE, {"of_code": code, **values})


def move(connection: Connection, code: str, before: DossierState, after: DossierState, **values: Any) -> bool:
    """Changes a dossier's state by compare and set; nothing else may change it.

    Args:
        connection: inside the transaction.
        code: the dossier.
        before: the state that it must be in.
        after: the state that it gets.
        values: further columns to set with it.

    Returns:
        Whether it was in `before`; otherwise nothing has changed.

    Raises:
        services.routing.domain.states.IllegalMove: the table does not allow it.
    """
    check_dossier_move(before, after)
    return connection.execute(_MOVE, {"of_code": code, "before": before, "state": after, **values}).rowcount == 1


def count_overdue(connection: Connection) -> dict[tuple[str, str], int]:
    """How many overdue dossiers have no result yet, by handling agency and field."""
    return {(agency, field): count for agency, field, count in connection.execute(_COUNT_OVERDUE)}


def intervals_of(connection: Connection, code: str) -> list[Interval]:
    """The clock of a dossier, in order."""
    rows = connection.execute(_INTERVALS, {"dossier": code})
    return [Interval(Kind(kind), reason, begins_at, ends_at) for kind, reason, begins_at, ends_at in rows]


def add_interval(connection: Connection, code: str, number: int, interval: Interval) -> None:
    """Begins an interval; `number` is its position in the dossier's clock, from 1."""
    values = {
        "dossier": code,
        "number": number,
        "kind": interval.kind,
        "reason": interval.reason,
        "begins_at": interval.begins_at,
        "ends_at": interval.ends_at,
    }
    connection.execute(_ADD_INTERVAL, values)


def end_interval(connection: Connection, code: str, at: datetime) -> None:
    """Ends the last interval of a dossier."""
    connection.execute(_END_INTERVAL, {"of_dossier": code, "end": at})
