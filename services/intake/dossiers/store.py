"""Queries about dossiers. Every change of an existing dossier goes through :func:`lock` and :func:`change`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from services.intake.database import dossiers, numbers, transitions
from services.intake.dossiers.domain import State
from shared.messaging.errors import NotYet
from shared.persistence.unit_of_work import UnitOfWork

_INSERT = dossiers.insert()
_BY_CODE = select(dossiers).where(dossiers.c.code == bindparam("wanted"))
_LOCKED = _BY_CODE.with_for_update()
_ADD_TRANSITION = transitions.insert()
_TRANSITIONS = (
    select(transitions.c.state, transitions.c.at)
    .where(transitions.c.dossier == bindparam("wanted"))
    .order_by(transitions.c.id)
)


def _counter(insert: Any) -> Any:
    first = insert(numbers).values(agency=bindparam("agency"), day=bindparam("day"), last=bindparam("one"))
    return first.on_conflict_do_update(
        index_elements=[numbers.c.agency, numbers.c.day], set_={"last": numbers.c.last + first.excluded.last}
    ).returning(numbers.c.last)


# built once: making the statement anew costs more than running it
_NEXT_NUMBER = {"postgresql": _counter(postgresql.insert), "sqlite": _counter(sqlite.insert)}


def draw_number(work: UnitOfWork, agency: str, day: date, digits: int) -> str:
    """Draws the next number of an agency on a day: 1, 2, 3 …, without gaps, however many replicas file.

    A number given back by a rollback is given out again.

    Returns:
        the mark of the number; see :meth:`shared.persistence.unit_of_work.UnitOfWork.defer_number`.
    """
    statement = _NEXT_NUMBER[work.connection.dialect.name]
    return work.defer_number(statement, {"agency": agency, "day": day, "one": 1}, digits)


def add(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Stores a dossier that was received, together with all else that is written: its code has the number's mark."""
    work.defer(_INSERT, values)


def get(connection: Connection, code: str) -> Row[Any] | None:
    """A dossier's row; None when there is none."""
    return connection.execute(_BY_CODE, {"wanted": code}).one_or_none()


def lock(connection: Connection, code: str) -> Row[Any] | None:
    """A dossier's row, locked until the transaction ends; None when there is none."""
    return connection.execute(_LOCKED, {"wanted": code}).one_or_none()


def lock_known(connection: Connection, code: str) -> Row[Any]:
    """A dossier's row, locked, for handlers.

    Raises:
        NotYet: the dossier is not there (yet): an event has overtaken a restored backup, for instance.
    """
    row = lock(connection, code)
    if row is None:
        raise NotYet(f"dossier {code} is not known here")
    return row


class StaleState(RuntimeError):
    """A dossier is no longer in the state in which it was read; whoever holds its lock never sees this."""


def change(
    connection: Connection,
    row: Row[Any],
    then: State | None = None,
    at: datetime | None = None,
    through: Sequence[State] = (),
    **values: Any,
) -> None:
    """Changes a dossier if it still is in the state that `row` shows; the one place where a state changes.

    Args:
        connection: inside the transaction that has locked the row.
        row: the dossier as read.
        then: the new state, if it changes; the caller has asked the table of transitions.
        at: when it changed (business time); needed with `then`.
        through: states that it passes on the way, at the same moment; they are kept in its history.
        **values: other columns.

    Raises:
        MovedOn: it is not; nothing was changed.
    """
    if then is not None:
        values["state"] = int(then)
    statement = update(dossiers).where(dossiers.c.code == row.code, dossiers.c.state == row.state).values(**values)
    if connection.execute(statement).rowcount != 1:
        raise StaleState(f"dossier {row.code} is not in state {row.state} any more")
    if then is not None:
        passed = [{"dossier": row.code, "state": int(state), "at": at} for state in (*through, then)]
        connection.execute(_ADD_TRANSITION, passed)


def history(connection: Connection, code: str) -> list[tuple[State, datetime]]:
    """The states that a dossier has passed since its receipt, and when."""
    return [(State(state), at) for state, at in connection.execute(_TRANSITIONS, {"wanted": code})]


def worklist(
    connection: Connection, agencies: Collection[str], states: Collection[State], after: str, most: int
) -> Sequence[Row[Any]]:
    """Dossiers of a desk, the newest first, with what a list shows and no more.

    Args:
        connection: any.
        agencies: the receiving agencies.
        states: which states.
        after: the code of the last dossier of the page before; empty for the first page.
        most: how many rows.
    """
    columns: tuple[Any, ...] = (
        dossiers.c.code,
        dossiers.c.state,
        dossiers.c.procedure,
        dossiers.c.procedure_version,
        dossiers.c.channel,
        dossiers.c.receiving_agency,
        dossiers.c.received_at,
        dossiers.c.promised_at,
        dossiers.c.due_at,
        dossiers.c.paused,
        dossiers.c.place_agency,
        dossiers.c.resolved_at,
        dossiers.c.applicant_name,
    )
    place = tuple_(dossiers.c.received_at, dossiers.c.code)
    statement = select(*columns).where(
        dossiers.c.receiving_agency.in_(sorted(agencies)), dossiers.c.state.in_(sorted(states))
    )
    if after:
        last = select(dossiers.c.received_at, dossiers.c.code).where(dossiers.c.code == after)
        statement = statement.where(place < last.scalar_subquery())
    statement = statement.order_by(dossiers.c.received_at.desc(), dossiers.c.code.desc()).limit(most)
    return connection.execute(statement).all()
