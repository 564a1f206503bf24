"""Queries about whose a step is, which says whether an agency's own service may read a dossier's papers.

What happened last counts, whatever is heard of last: each statement looks at the times itself, so that late or repeated news
changes nothing. At one and the same moment the end counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.intake.database import step_access

_C = step_access.c
_BY_TASK = select(step_access).where(_C.task == bindparam("wanted"))
_END_ALL = update(step_access).where(_C.dossier == bindparam("of"), _C.until.is_(None)).values(until=bindparam("at"))
_GIVE_BACK = (
    update(step_access)
    .where(_C.task == bindparam("wanted"), _C.until == bindparam("suspended_at"))
    .values(since=bindparam("at"), until=None)
)


def _begin(insert: Any) -> Any:
    row = insert(step_access).values({name: bindparam(name) for name in ("task", "dossier", "agency", "since")})
    new = row.excluded
    return row.on_conflict_do_update(
        index_elements=[_C.task],
        set_={"agency": new.agency, "since": new.since, "until": None},
        where=and_(or_(_C.since.is_(None), _C.since < new.since), or_(_C.until.is_(None), _C.until < new.since)),
    )


def _end(insert: Any) -> Any:
    row = insert(step_access).values({name: bindparam(name) for name in ("task", "dossier", "agency", "until")})
    new = row.excluded
    return row.on_conflict_do_update(
        index_elements=[_C.task],
        set_={"until": new.until},
        where=and_(or_(_C.since.is_(None), _C.since <= new.until), or_(_C.until.is_(None), _C.until < new.until)),
    )


# built once for each kind of database: building a statement takes ten times as long as running it
_BEGIN = {"postgresql": _begin(postgresql.insert), "sqlite": _begin(sqlite.insert)}
_END = {"postgresql": _end(postgresql.insert), "sqlite": _end(sqlite.insert)}


def get(connection: Connection, task: str) -> Row[Any] | None:
    """Whose a step is or was; None when nothing is known of it."""
    return connection.execute(_BY_TASK, {"wanted": task}).one_or_none()


def begin(connection: Connection, dossier: str, task: str, agency: str, at: datetime) -> None:
    """A step was given to an agency; nothing if its end, at that moment or later, is known."""
    connection.execute(
        _BEGIN[connection.dialect.name], {"task": task, "dossier": dossier, "agency": agency, "since": at}
    )


def end(connection: Connection, dossier: str, task: str, agency: str, at: datetime) -> None:
    """A step is the agency's no more; nothing if it was given to somebody after that moment."""
    connection.execute(_END[connection.dialect.name], {"task": task, "dossier": dossier, "agency": agency, "until": at})


def end_all(connection: Connection, dossier: str, at: datetime) -> None:
    """A dossier is over, and so is every step of it."""
    connection.execute(_END_ALL, {"of": dossier, "at": at})


def give_back(connection: Connection, task: str, suspended_at: datetime, at: datetime) -> None:
    """A step that waited for a supplement is the agency's again; nothing if it ended for another reason since.

    Args:
        connection: inside a transaction.
        task: the step's.
        suspended_at: when the supplement was asked for.
        at: from when on it is the agency's.
    """
    connection.execute(_GIVE_BACK, {"wanted": task, "suspended_at": suspended_at, "at": at})
