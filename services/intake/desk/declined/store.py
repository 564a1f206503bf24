"""The table of declined filings, and what is read of it: those of a period, and the earlier ones of a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    String,
    Table,
    and_,
    false,
    func,
    or_,
    select,
    tuple_,
    update,
)

from services.intake.database import metadata
from services.intake.desk.declined.domain import DeclinedFiling, UnknownDeclinedFiling
from services.intake.documents.store import erase_contents
from services.intake.dossiers.domain import id_search_words, search_words
from services.intake.dossiers.lists import of_person as dossiers_of_person
from services.intake.dossiers.store import dossiers
from shared.persistence.personal_data import BlindIndex, PersonalText, index_equals, index_matches, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

MOST_EARLIER = 3


def _personal(column: str) -> PersonalText:
    return PersonalText(f"declined_filing.{column}", row="id")


declined_filings = Table(
    "declined_filing",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(30), nullable=False),
    Column("agency", String(50), nullable=False),
    Column("procedure", String(50), nullable=False),
    Column("procedure_version", Integer, nullable=False),
    Column("field", String(50), nullable=False),
    Column("case_code", String(50), nullable=False),
    Column("reason", String(30), nullable=False),
    Column("number", String(100), nullable=False),
    Column("year", Integer, nullable=False),
    Column("declined_at", Moment, nullable=False),
    Column("declined_by", String(200), nullable=False),
    Column("repeated", Boolean, nullable=False),
    Column("note", _personal("note"), nullable=False),
    Column("papers", _personal("papers"), nullable=False),  # JSON
    Column("matter", _personal("matter"), nullable=False),
    Column("applicant_name", _personal("applicant_name"), nullable=False),
    Column("applicant_search", BlindIndex("declined_filing.applicant_name", search_words), nullable=False),
    Column("applicant_id_number", _personal("applicant_id_number"), nullable=False),
    Column("applicant_id_index", BlindIndex("declined_filing.applicant_id_number", id_search_words), nullable=False),
    Column("applicant_id_kind", String(20), nullable=False),
    Column("applicant_old_id_number", _personal("applicant_old_id_number"), nullable=False),
    Column("applicant_phone", _personal("applicant_phone"), nullable=False),
    Column("applicant_email", _personal("applicant_email"), nullable=False),
    Column("applicant_address", _personal("applicant_address"), nullable=False),
    Column("erased_at", Moment),
    Index("ix_declined_filing_agency", "agency", "declined_at"),
    Index("ix_declined_filing_applicant", "applicant_id_index", "declined_at"),
    Index("ix_declined_filing_erasable", "erased_at", "declined_at"),
)

_C = declined_filings.c
_ROW = select(*(_C[name] for name in DeclinedFiling.__dataclass_fields__))
_BLANK = (
    "note",
    "matter",
    "applicant_name",
    "applicant_id_number",
    "applicant_old_id_number",
    "applicant_phone",
    "applicant_email",
    "applicant_address",
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a person was told when they were turned away before."""

    id: str
    kind: str
    agency: str
    reason: str
    declined_at: datetime
    note: str
    papers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Listing:
    """Which declined filings a list shows, the newest first.

    Attributes:
        desks: codes.
        start, end: of the period; `end` is no longer in it.
        text: only those whose applicant's name has all its words, or whose applicant has this identity number; empty for all.
    """

    desks: Collection[str]
    start: datetime
    end: datetime
    text: str = ""

    def condition(self, connection: Connection) -> ColumnElement[bool]:
        """Of its rows."""
        of_period = and_(_C.agency.in_(sorted(self.desks)), _C.declined_at >= self.start, _C.declined_at < self.end)
        if not self.text:
            return of_period
        by_name = index_matches(connection, _C.applicant_search, self.text)
        return and_(of_period, or_(by_name, index_equals(connection, _C.applicant_id_index, self.text)))


def add(connection: Connection, row: DeclinedFiling) -> None:
    """Records a declined filing."""
    values = {name: getattr(row, name) for name in DeclinedFiling.__slots__}
    connection.execute(declined_filings.insert(), personal_values(declined_filings, values))


def get(connection: Connection, id: str) -> DeclinedFiling:
    """A declined filing.

    Raises:
        UnknownDeclinedFiling: there is none of this id.
    """
    row = connection.execute(_ROW.where(_C.id == id)).first()
    if row is None:
        raise UnknownDeclinedFiling(id)
    return DeclinedFiling(*row)


def listed(connection: Connection, wanted: Listing, most: int, after: str = "") -> list[DeclinedFiling]:
    """The declined filings of a list.

    Args:
        connection: any.
        wanted: which.
        most: maximum number.
        after: the id of the last one of the page before; empty for the first page.
    """
    found = _ROW.where(wanted.condition(connection))
    if after:
        last = select(_C.declined_at, _C.id).where(_C.id == after)
        found = found.where(tuple_(_C.declined_at, _C.id) < last.scalar_subquery())
    rows = connection.execute(found.order_by(_C.declined_at.desc(), _C.id.desc()).limit(most))
    return [DeclinedFiling(*row) for row in rows]


def counted(connection: Connection, wanted: Listing) -> Mapping[tuple[str, str, bool], int]:
    """How many a list has in all: by kind, by reason, and by whether the person was turned away before."""
    groups = (_C.kind, _C.reason, _C.repeated)
    rows = connection.execute(select(*groups, func.count()).where(wanted.condition(connection)).group_by(*groups))
    return {(kind, reason, bool(repeated)): count for kind, reason, repeated, count in rows}


def earlier(connection: Connection, numbers: Collection[str], procedure: str) -> list[Earlier]:
    """What a person was told at any desk about a procedure, the newest first, unless they have filed it since.

    Args:
        connection: any.
        numbers: of the person's identity documents, valid; none finds nobody.
        procedure: its code.
    """
    if not numbers or not procedure:
        return []
    same = or_(false(), *(index_equals(connection, _C.applicant_id_index, number) for number in sorted(numbers)))
    d = dossiers.c
    filed = or_(false(), *(dossiers_of_person(connection, number) for number in sorted(numbers)))
    since = select(d.code).where(filed, d.procedure == procedure, d.received_at >= _C.declined_at).exists()
    columns = (_C.id, _C.kind, _C.agency, _C.reason, _C.declined_at, _C.note, _C.papers)
    found = select(*columns).where(same, _C.procedure == procedure, ~since)
    rows = connection.execute(found.order_by(_C.declined_at.desc(), _C.id).limit(MOST_EARLIER))
    return [Earlier(*row[:6], orjson.loads(row[6])) for row in rows]


def of_person(connection: Connection, number: str, most: int) -> list[DeclinedFiling]:
    """All that is kept of a person who was turned away, the newest first."""
    same = index_equals(connection, _C.applicant_id_index, number)
    rows = connection.execute(_ROW.where(same).order_by(_C.declined_at.desc(), _C.id).limit(most))
    return [DeclinedFiling(*row) for row in rows]


def erasable(connection: Connection, before: datetime, most: int) -> list[str]:
    """Ids of those that were declined before a moment and are not yet erased."""
    found = select(_C.id).where(_C.erased_at.is_(None), _C.declined_at < before).order_by(_C.id).limit(most)
    return list(connection.execute(found).scalars())


def erase(work: UnitOfWork, id: str) -> bool:
    """Erases the visitor's data and what the paper says, once; returns whether they were there."""
    blank: dict[str, Any] = dict.fromkeys(_BLANK, "") | {"papers": "[]"}
    values = personal_values(declined_filings, blank, id) | {"erased_at": work.now}
    done = work.execute(update(declined_filings).where(_C.id == id, _C.erased_at.is_(None)).values(values))
    if done.rowcount:
        erase_contents(work.connection, id)
    return bool(done.rowcount)
