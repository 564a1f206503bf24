"""Queries about what a citizen is asked for on the way, and about what he is told: supplements, and re-appointments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from services.intake.database import reappointments, supplement_requests
from shared.persistence.sql import insert

_R = supplement_requests.c
_REQUESTS = select(supplement_requests).where(_R.dossier == bindparam("of")).order_by(_R.requested_at, _R.task)
_REAPPOINTMENTS = (
    select(reappointments).where(reappointments.c.dossier == bindparam("of")).order_by(reappointments.c.extended_at)
)
_ANSWER = (
    update(supplement_requests)
    .where(_R.dossier == bindparam("of"), _R.supplemented_at.is_(None))
    .values(supplemented_at=bindparam("at"), note=bindparam("remark"), received_by=bindparam("clerk"))
)
_ANSWER_OLDER = _ANSWER.where(_R.requested_at <= bindparam("at"))


def ask(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Records a request for a supplement; says whether it was new."""
    table = supplement_requests
    statement = insert(table, connection).values(**values).on_conflict_do_nothing().returning(table.c.task)
    return connection.execute(statement).first() is not None


def requests(connection: Connection, dossier: str) -> Sequence[Row[Any]]:
    """What was asked for, in order of time."""
    return connection.execute(_REQUESTS, {"of": dossier}).all()


def answer(connection: Connection, dossier: str, at: datetime, note: str | None, clerk: str) -> None:
    """Marks all that is asked for as handed in at the desk.

    Args:
        connection: inside a transaction that has locked the dossier.
        dossier: its code.
        at: business time.
        note: the clerk's remark.
        clerk: who took the papers.
    """
    connection.execute(_ANSWER, {"of": dossier, "at": at, "remark": note, "clerk": clerk})


def answer_older(connection: Connection, dossier: str, at: datetime) -> int:
    """Marks what was asked for up to a moment as handed in, since routing says so; says how many requests were open."""
    return connection.execute(_ANSWER_OLDER, {"of": dossier, "at": at, "remark": None, "clerk": None}).rowcount


def reappoint(connection: Connection, values: Mapping[str, Any]) -> None:
    """Records a new promised time; the same one again is no second one."""
    connection.execute(insert(reappointments, connection).values(**values).on_conflict_do_nothing())


def reappointments_of(connection: Connection, dossier: str) -> Sequence[Row[Any]]:
    """A dossier's re-appointments in order of time."""
    return connection.execute(_REAPPOINTMENTS, {"of": dossier}).all()
