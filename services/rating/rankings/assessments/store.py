"""The tables of assessments, of what was done with them, and of their numbers. All texts name or describe a person, so they are sealed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    select,
    update,
)

from services.rating.database import metadata
from services.rating.rankings.assessments.domain import AT_DEPARTMENT, SEEN_BY_OFFICIAL, AssessmentState, written_number
from shared.messaging.event import new_id
from shared.persistence import yearly_numbers
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork


def _text(name: str) -> Column[str]:
    return Column(name, PersonalText(f"assessment.{name}", row="id"), nullable=False)


assessments = Table(
    "assessment",
    metadata,
    Column("id", String(36), primary_key=True),  # UUIDv7
    Column("official", String(100), nullable=False),  # subject of their tokens
    Column("agency", String(100), nullable=False),  # where they work, whose leader assesses
    Column("home_agency", String(100), nullable=False),  # the department that sent them
    Column("year", Integer, nullable=False),  # that is assessed
    Column("state", String(12), nullable=False),
    Column("revision", Integer, nullable=False),  # grows with every action
    _text("content"),  # JSON: name, position and figures; frozen when it is shown to the official
    Column("digest", String(64), nullable=False),  # SHA-256 of the content
    _text("remark"),  # the leader's words
    _text("comment"),  # the official's
    _text("answer"),  # the leader's, to the comment
    Column("opened_at", Moment, nullable=False),
    Column("shown_at", Moment),
    Column("comment_until", Moment),
    Column("commented_at", Moment),
    Column("number_year", Integer),
    Column("number", Integer),
    Column("sent_at", Moment),
    Column("signed_by", String(100)),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", String(100)),
    UniqueConstraint("official", "agency", "year", name="uq_assessment_official"),
    UniqueConstraint("agency", "number_year", "number", name="uq_assessment_number"),
    Index("ix_assessment_agency", "agency", "year", "id"),
    Index("ix_assessment_home", "home_agency", "year", "id"),
)

numbers = Table(
    "assessment_number",  # the last number that an agency has given to an assessment in a year
    metadata,
    Column("agency", String(100), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

entries = Table(
    "assessment_entry",  # what was done with an assessment, in order; never changed
    metadata,
    Column("id", String(36), primary_key=True),  # UUIDv7: in order of time
    Column("assessment", String(36), ForeignKey("assessment.id"), nullable=False),
    Column("revision", Integer, nullable=False),  # after it
    Column("action", String(12), nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("text", PersonalText("assessment_entry.text", row="id"), nullable=False),  # the words that came with it
    UniqueConstraint("assessment", "revision", name="uq_assessment_entry_revision"),
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A row of `assessment`; the table says what each column holds."""

    id: str
    official: str
    agency: str
    home_agency: str
    year: int
    state: AssessmentState
    revision: int
    content: str
    digest: str
    remark: str
    comment: str
    answer: str
    opened_at: datetime
    shown_at: datetime | None = None
    comment_until: datetime | None = None
    commented_at: datetime | None = None
    number_year: int | None = None
    number: int | None = None
    sent_at: datetime | None = None
    signed_by: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None

    @property
    def figures(self) -> dict[str, Any]:
        """The content: name, position and figures."""
        found: dict[str, Any] = orjson.loads(self.content)
        return found

    @property
    def written_number(self) -> str:
        """Its number as printed; empty before it is signed."""
        return "" if self.number is None else written_number(self.number, self.agency)


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done with an assessment: the action, by whom, when, and the words that came with it."""

    action: str
    by: str
    at: datetime
    text: str


_C = assessments.c
_COLUMNS = [_C[name] for name in Assessment.__slots__]
_BY_ID = select(*_COLUMNS).where(_C.id == bindparam("of_id"))
_ENTRIES = (
    select(entries.c.action, entries.c.by, entries.c.at, entries.c.text)
    .where(entries.c.assessment == bindparam("of_id"))
    .order_by(entries.c.revision)
)


def _made(row: Any) -> Assessment:
    return Assessment(**{**row._mapping, "state": AssessmentState(row.state)})


def find(connection: Connection, id_: str) -> Assessment | None:
    """An assessment by its id; None when there is none."""
    row = connection.execute(_BY_ID, {"of_id": id_}).first()
    return _made(row) if row else None


def entries_of(connection: Connection, id_: str) -> list[Entry]:
    """What was done with an assessment, in order."""
    return [Entry(*row) for row in connection.execute(_ENTRIES, {"of_id": id_})]


def known_officials(connection: Connection, agency: str, year: int) -> frozenset[str]:
    """The officials of an agency for whom an assessment of a year was opened."""
    statement = select(_C.official).where(_C.agency == agency, _C.year == year)
    return frozenset(connection.execute(statement).scalars())


def add(work: UnitOfWork, assessment: Assessment) -> bool:
    """Stores a new assessment; returns whether there was none for this official, agency and year."""
    values = personal_values(assessments, {name: getattr(assessment, name) for name in Assessment.__slots__})
    statement = work.insert(assessments).values(**values).on_conflict_do_nothing().returning(_C.id)
    return work.execute(statement).first() is not None


def change(connection: Connection, known: Assessment, **values: Any) -> bool:
    """Changes an assessment that is as it was read, and raises its revision; returns whether it was."""
    sealed = personal_values(assessments, values, row=known.id)
    statement = update(assessments).where(_C.id == known.id, _C.revision == known.revision)
    return connection.execute(statement.values(**sealed, revision=known.revision + 1)).rowcount == 1


def add_entry(work: UnitOfWork, assessment: str, revision: int, action: str, by: str, text: str) -> None:
    """Keeps what was done with an assessment."""
    id_ = new_id()
    values = {"id": id_, "assessment": assessment, "revision": revision, "action": action, "by": by, "at": work.now}
    work.connection.execute(entries.insert(), personal_values(entries, values | {"text": text}))


def take_number(work: UnitOfWork, agency: str, year: int) -> int:
    """Takes the next number of an agency's assessments; a rollback gives it back."""
    return yearly_numbers.take_number(work, numbers, year, agency=agency)


def of_agencies(connection: Connection, agencies: Collection[str] | None, year: int, limit: int) -> list[Assessment]:
    """The assessments that the leaders of some agencies make of a year; of all agencies when None."""
    statement = select(*_COLUMNS).where(_C.year == year)
    if agencies is not None:
        statement = statement.where(_C.agency.in_(sorted(agencies)))
    return [_made(row) for row in connection.execute(statement.order_by(_C.agency, _C.id).limit(limit))]


def received(connection: Connection, agencies: Collection[str], year: int, limit: int) -> list[Assessment]:
    """The assessments of a year that were sent to some agencies, by their numbers."""
    statement = select(*_COLUMNS).where(
        _C.home_agency.in_(sorted(agencies)), _C.year == year, _C.state.in_(sorted(AT_DEPARTMENT))
    )
    ordered = statement.order_by(_C.agency, _C.number_year, _C.number).limit(limit)
    return [_made(row) for row in connection.execute(ordered)]


def of_official(connection: Connection, official: str) -> list[Assessment]:
    """The assessments that were shown to an official, the newest year first."""
    statement = select(*_COLUMNS).where(_C.official == official, _C.state.in_(sorted(SEEN_BY_OFFICIAL)))
    return [_made(row) for row in connection.execute(statement.order_by(_C.year.desc(), _C.id))]


def register(
    connection: Connection, agency: str, year: int, after: int = 0, limit: int | None = None
) -> list[Assessment]:
    """The register of an agency and a year of numbers, in their order."""
    statement = select(*_COLUMNS).where(_C.agency == agency, _C.number_year == year, _C.number > after)
    return [_made(row) for row in connection.execute(statement.order_by(_C.number).limit(limit))]


def years(connection: Connection) -> list[int]:
    """The years of which there are assessments, the newest first."""
    return list(connection.execute(select(_C.year).distinct().order_by(_C.year.desc())).scalars())
