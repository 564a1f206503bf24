"""The writers of facts about apologies (form 04) for late dossiers. Their events may come in any order, and twice.

What is known of a letter only grows: the first report, the last day of a report, its signature, its withdrawal. Once it is signed, the
agency that signed it stays the responsible one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, case, func

from services.stats.facts.dossiers import DOSSIERS, apologised
from services.stats.facts.store import apologies
from services.stats.facts.subjects import facts_of
from shared.messaging.errors import Conflict
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

_C = apologies.c
_ABOUT = ("apology", "dossier", "agency", "was_due_at")
Changes = Callable[[Any, bool], Mapping[str, ColumnElement[Any]]]


def record_missing(event: Event, work: UnitOfWork) -> None:
    """A late dossier had no signed letter on a day.

    Raises:
        Conflict: the letter is known for another dossier.
    """
    data = event.data
    row = {"missing_at": data["reported_at"], "missing_on": data["day"], "reports": data["reports"]}
    _write(event, work, row, _missed_again)


def record_signed(event: Event, work: UnitOfWork) -> None:
    """The letter was signed.

    Raises:
        Conflict: the letter is known for another dossier.
    """
    row = {"number": event.data["number"], "signed_at": event.data["signed_at"]}
    _write(event, work, row, lambda new, _: {name: new[name] for name in ("agency", "was_due_at", *row)})
    data = event.data
    facts_of(work).change(DOSSIERS, (data["dossier"],), lambda known: apologised(known, data))


def record_withdrawn(event: Event, work: UnitOfWork) -> None:
    """The letter is not owed any more, and was not signed.

    Raises:
        Conflict: the letter is known for another dossier.
    """
    row = {"withdrawn_at": event.data["withdrawn_at"], "withdrawn_cause": event.data["cause"]}
    _write(event, work, row, lambda new, _: {name: new[name] for name in row})


def _missed_again(new: Any, postgresql: bool) -> Mapping[str, ColumnElement[Any]]:
    """The first report stays the first; agency and due time are those of the newest, until the signature says them for good."""
    least, greatest = (func.least, func.greatest) if postgresql else (func.min, func.max)
    newest = (_C.signed_at.is_(None)) & (func.coalesce(_C.missing_on, "") <= new.missing_on)
    return {
        "agency": case((newest, new.agency), else_=_C.agency),
        "was_due_at": case((newest, new.was_due_at), else_=_C.was_due_at),
        "missing_at": least(func.coalesce(_C.missing_at, new.missing_at), new.missing_at),
        "missing_on": greatest(func.coalesce(_C.missing_on, new.missing_on), new.missing_on),
        "reports": greatest(func.coalesce(_C.reports, new.reports), new.reports),
    }


def _write(event: Event, work: UnitOfWork, row: Mapping[str, Any], changes: Changes) -> None:
    values = {name: event.data[name] for name in _ABOUT} | dict(row)
    statement = work.insert(apologies).values(**values)
    changed = changes(statement.excluded, work.connection.dialect.name == "postgresql")
    same = _C.dossier == statement.excluded.dossier
    written = statement.on_conflict_do_update(index_elements=[_C.apology], set_=dict(changed), where=same)
    if work.execute(written.returning(_C.apology)).first() is None:
        raise Conflict(f"apology {values['apology']} is known for another dossier")
