"""The writers of facts about applications: filed online or by post, and what the desk answered. Their events may come in any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Table, and_, case, func, or_
from sqlalchemy.dialects import postgresql, sqlite

from services.stats.facts.store import applications
from shared.messaging.errors import Conflict
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

_C = applications.c


def _fill(*columns: str) -> Mapping[str, Any]:
    """Fills columns in as far as they are empty; writes nothing if one has another value, which contradicts the event."""

    def build(insert: Callable[[Table], Any]) -> Any:
        row = insert(applications)
        alike = and_(*(or_(_C[name].is_(None), _C[name] == row.excluded[name]) for name in columns))
        changes = {name: func.coalesce(_C[name], row.excluded[name]) for name in columns}
        changed = row.on_conflict_do_update(index_elements=[_C.code], set_=changes, where=alike)
        return changed.returning(_C.code)

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


def _earliest(column: str) -> Mapping[str, Any]:
    """Keeps the earliest time of something that may happen again, such as after a supplement."""

    def build(insert: Callable[[Table], Any]) -> Any:
        row = insert(applications)
        known = _C[column]
        first = case((known < row.excluded[column], known), else_=row.excluded[column])
        alike = or_(_C.agency.is_(None), _C.agency == row.excluded.agency)
        changes = {"agency": func.coalesce(_C.agency, row.excluded.agency), column: first}
        return row.on_conflict_do_update(index_elements=[_C.code], set_=changes, where=alike).returning(_C.code)

    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


_FILED = _fill("agency", "field", "procedure", "channel", "filed_at")
_ACCEPTED = _fill("agency", "channel", "filed_at", "accepted_at")
_SUPPLEMENT_REQUESTED = _fill("agency", "channel", "supplement_requested_at")
_SUPPLEMENTED = _fill("agency", "supplemented_at")
_REFUSED = _fill("agency", "channel", "refused_at")
_CLOSED = _fill("agency", "channel", "closed_at", "close_cause")
_SENT_BACK = _fill("agency", "sent_back_at")
_ALERTED = _earliest("alerted_at")
_OVERDUE = _earliest("overdue_at")


def record_filed(event: Event, work: UnitOfWork) -> None:
    """An application was filed online, or came by post.

    Raises:
        Conflict: another application of this code is known.
    """
    _write(event, work, _FILED, "field", "procedure", "channel", "filed_at")


def record_accepted(event: Event, work: UnitOfWork) -> None:
    """The desk accepted it; it is a dossier now.

    Raises:
        Conflict: as for :func:`record_filed`.
    """
    _write(event, work, _ACCEPTED, "channel", "filed_at", "accepted_at")


def record_supplement_requested(event: Event, work: UnitOfWork) -> None:
    """The desk asked for papers, which it may do once.

    Raises:
        Conflict: another request is known.
    """
    _write(event, work, _SUPPLEMENT_REQUESTED, "channel", supplement_requested_at="requested_at")


def record_supplemented(event: Event, work: UnitOfWork) -> None:
    """The applicant sent the papers.

    Raises:
        Conflict: another supplement is known.
    """
    _write(event, work, _SUPPLEMENTED, "supplemented_at")


def record_refused(event: Event, work: UnitOfWork) -> None:
    """The desk refused it.

    Raises:
        Conflict: another refusal is known.
    """
    _write(event, work, _REFUSED, "channel", "refused_at")


def record_closed(event: Event, work: UnitOfWork) -> None:
    """It was withdrawn, or closed since the papers never came.

    Raises:
        Conflict: another end of that kind is known.
    """
    _write(event, work, _CLOSED, "channel", "closed_at", close_cause="cause")


def record_sent_back(event: Event, work: UnitOfWork) -> None:
    """The papers of a refused dossier went back by post.

    Raises:
        Conflict: they went back at another time.
    """
    _write(event, work, _SENT_BACK, sent_back_at="sent_at")


def record_unanswered(event: Event, work: UnitOfWork) -> None:
    """The desk was alerted, since it had not answered.

    Raises:
        Conflict: the application is another desk's.
    """
    _write(event, work, _ALERTED, "alerted_at")


def record_overdue(event: Event, work: UnitOfWork) -> None:
    """The desk did not answer in time; recorded at the first time, however far it is escalated.

    Raises:
        Conflict: the application is another desk's.
    """
    _write(event, work, _OVERDUE, "overdue_at")


def _write(event: Event, work: UnitOfWork, statement: Mapping[str, Any], *names: str, **renamed: str) -> None:
    data = event.data
    row = {"code": data["dossier"], "agency": data.get("receiving_agency") or data["agency"]}
    row |= {name: data[name] for name in names}
    row |= {column: data[name] for column, name in renamed.items()}
    connection = work.connection
    if connection.execute(statement[connection.dialect.name], row).first() is None:
        raise Conflict(f"application {row['code']} is known with other contents")
