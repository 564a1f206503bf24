"""Rows and statements of what staff enter."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select, tuple_, update

from services.rating.complaints.entry.domain import Call, Outcome, Paper
from services.rating.complaints.entry.tables import calls, papers
from shared.persistence.personal_data import personal_values
from shared.persistence.unit_of_work import UnitOfWork

_C, _P = calls.c, papers.c


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call of the log; the fields are columns."""

    id: str
    agency: str
    clerk: str
    began_at: datetime
    minutes: int
    outcome: str
    phone: str
    note: str
    complaint: str | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper that was entered; the fields are columns."""

    agency: str
    year: int
    number: str
    complaint: str
    code: str
    received_on: date
    entered_by: str
    entered_at: datetime


_CALL = [_C[name] for name in CallRow.__slots__]
_PAPER = [_P[name] for name in PaperRow.__slots__]


def add_call(work: UnitOfWork, call: Call, complaint: str | None) -> bool:
    """Notes a call; False if it was noted before."""
    values = asdict(call) | {"outcome": call.outcome.value, "complaint": complaint, "noted_at": work.now}
    row = personal_values(calls, values | {"erased_at": None})
    statement = work.insert(calls).values(row).on_conflict_do_nothing(index_elements=[_C.id])
    return work.execute(statement.returning(_C.id)).first() is not None


def call_of(connection: Connection, id_: str) -> CallRow | None:
    """A call; None if it is not noted."""
    row = connection.execute(select(*_CALL).where(_C.id == id_)).first()
    return CallRow(*row) if row else None


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls a page of the log shows.

    Attributes:
        since, until: of their beginning; until is not included; None for no limit.
        outcome: what became of them; None for all.
    """

    since: datetime | None = None
    until: datetime | None = None
    outcome: Outcome | None = None


def calls_of(
    connection: Connection,
    agencies: Collection[str],
    wanted: CallFilter,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[CallRow]:
    """A page of the log of agencies, the newest first; `after` is beginning and id of the last one of the page before."""
    found = select(*_CALL).where(_C.agency.in_(agencies))
    if wanted.since is not None:
        found = found.where(_C.began_at >= wanted.since)
    if wanted.until is not None:
        found = found.where(_C.began_at < wanted.until)
    if wanted.outcome is not None:
        found = found.where(_C.outcome == wanted.outcome.value)
    if after is not None:
        found = found.where(tuple_(_C.began_at, _C.id) < after)
    rows = connection.execute(found.order_by(_C.began_at.desc(), _C.id.desc()).limit(limit))
    return [CallRow(*row) for row in rows]


def calls_to_erase(connection: Connection, before: datetime, limit: int) -> list[str]:
    """Ids of calls that began before a moment and still say what was spoken."""
    found = select(_C.id).where(_C.erased_at.is_(None), _C.began_at < before).order_by(_C.began_at).limit(limit)
    return list(connection.execute(found).scalars())


def erase_call(work: UnitOfWork, id_: str) -> None:
    """Erases who called and what was said; that, when and how long stays."""
    empty = personal_values(calls, {"phone": "", "note": ""}, id_)
    work.execute(update(calls).where(_C.id == id_).values(**empty, erased_at=work.now))


def add_paper(work: UnitOfWork, paper: Paper, complaint: str, code: str) -> bool:
    """Keeps the number of a paper; False if a paper of the agency had it in that year."""
    row = asdict(paper) | {"year": paper.received_on.year, "complaint": complaint, "code": code}
    statement = work.insert(papers).values(row | {"entered_at": work.now}).on_conflict_do_nothing()
    return work.execute(statement.returning(_P.number)).first() is not None


def paper_of(connection: Connection, agency: str, year: int, number: str) -> PaperRow | None:
    """A paper by its number; None if it is not entered."""
    mine = (_P.agency == agency, _P.year == year, _P.number == number)
    row = connection.execute(select(*_PAPER).where(*mine)).first()
    return PaperRow(*row) if row else None


def papers_of(
    connection: Connection, agencies: Collection[str], after: tuple[datetime, str] | None, limit: int
) -> list[PaperRow]:
    """A page of the papers of agencies, the last entered first; `after` is moment and complaint of the last one of the page before."""
    found = select(*_PAPER).where(_P.agency.in_(agencies))
    if after is not None:
        found = found.where(tuple_(_P.entered_at, _P.complaint) < after)
    rows = connection.execute(found.order_by(_P.entered_at.desc(), _P.complaint.desc()).limit(limit))
    return [PaperRow(*row) for row in rows]
