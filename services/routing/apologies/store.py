"""Tables, rows and statements of apologies, their register, their daily reports and the changes of who is responsible."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)

from services.routing.apologies.domain import ApologyKind, ApologyState, Letter, written_number
from services.routing.database import metadata
from shared.persistence import yearly_numbers
from shared.persistence.sql import BigId, Moment
from shared.persistence.unit_of_work import UnitOfWork

_DRAFTS = text("state = 'draft'")
_CHECKED = text("check_at IS NOT NULL")

apologies = Table(
    "apology",
    metadata,
    Column("id", String(36), primary_key=True),  # UUIDv7
    Column("dossier", String(100), ForeignKey("dossier.code"), nullable=False),  # the citizen's
    Column("kind", String(10), nullable=False),  # extension, late
    Column("lateness", SmallInteger, nullable=False),  # of the dossier and kind, from 1
    Column("state", String(10), nullable=False),  # draft, signed, withdrawn
    Column("agency", String(50), nullable=False),  # the responsible one; since the signature also the issuer
    Column("missed_at", Moment, nullable=False),  # the time that was, or will be, missed
    Column("cause", String(30), nullable=False),
    Column("reason", Text, nullable=False),
    Column("new_due_at", Moment),
    Column("revision", Integer, nullable=False),  # grows with every change of the draft
    Column("drafted_at", Moment, nullable=False),
    Column("reported_on", Date),  # the last local day on which the missing signature was reported
    Column("reports", Integer, nullable=False),
    Column("year", Integer),  # of the number
    Column("number", Integer),
    Column("signed_at", Moment),
    Column("signed_by", String(200)),
    Column("withdrawn_at", Moment),
    Column("withdrawn_cause", String(20)),
    Column("check_at", Moment),  # when the sweep must see whether the new date was kept
    UniqueConstraint("dossier", "kind", "lateness", name="uq_apology_lateness"),
    UniqueConstraint("agency", "year", "number", name="uq_apology_number"),
    Index("ix_apology_draft", "agency", "missed_at", "id", sqlite_where=_DRAFTS, postgresql_where=_DRAFTS),
    Index("ix_apology_check", "check_at", "id", sqlite_where=_CHECKED, postgresql_where=_CHECKED),
)

numbers = Table(
    "apology_number",  # the last number that an agency has given to an apology in a year
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

reports = Table(
    "apology_report",  # that a letter was still missing on a local day; one row for each day
    metadata,
    Column("apology", String(36), ForeignKey("apology.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("agency", String(50), nullable=False),
    Column("reported_at", Moment, nullable=False),
)

changes = Table(
    "apology_change",  # another agency became responsible
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("apology", String(36), ForeignKey("apology.id"), nullable=False),
    Column("was_agency", String(50), nullable=False),
    Column("agency", String(50), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_apology_change_apology", "apology", "id"),
)


@dataclass(frozen=True, slots=True)
class Apology:
    """A row of `apology`; the table says what each column holds."""

    id: str
    dossier: str
    kind: str
    lateness: int
    state: str
    agency: str
    missed_at: datetime
    cause: str
    reason: str
    new_due_at: datetime | None
    revision: int
    drafted_at: datetime
    reported_on: date | None = None
    reports: int = 0
    year: int | None = None
    number: int | None = None
    signed_at: datetime | None = None
    signed_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_cause: str | None = None
    check_at: datetime | None = None

    @property
    def letter(self) -> Letter:
        """What a leader has decided of it so far."""
        return Letter(self.cause, self.reason, self.new_due_at)

    @property
    def written_number(self) -> str:
        """Its number as printed; empty before it is signed."""
        return "" if self.number is None else written_number(self.number, self.agency)


@dataclass(frozen=True, slots=True)
class AgencyChange:
    """That another agency became responsible."""

    was_agency: str
    agency: str
    reason: str
    by: str
    at: datetime


_C = apologies.c
_BY_ID = select(apologies).where(_C.id == bindparam("of_id"))
_OF_DOSSIER = select(apologies).where(_C.dossier == bindparam("of_dossier")).order_by(_C.drafted_at, _C.id)
_ADD = insert(apologies)
_UPDATE = update(apologies).where(_C.id == bindparam("of_id"))
_CHANGES = (
    select(changes.c.was_agency, changes.c.agency, changes.c.reason, changes.c.by, changes.c.at)
    .where(changes.c.apology == bindparam("of_id"))
    .order_by(changes.c.id)
)
_MISSING = select(_C.agency, func.count()).where(_C.state == ApologyState.DRAFT).group_by(_C.agency)


def find(connection: Connection, id_: str) -> Apology | None:
    """An apology by its id; None when there is none."""
    row = connection.execute(_BY_ID, {"of_id": id_}).first()
    return Apology(*row) if row else None


def of_dossier(connection: Connection, code: str) -> list[Apology]:
    """All apologies for a dossier, in order of time."""
    return [Apology(*row) for row in connection.execute(_OF_DOSSIER, {"of_dossier": code})]


def late_of(connection: Connection, code: str) -> list[Apology]:
    """Those for its latenesses."""
    return [one for one in of_dossier(connection, code) if one.kind == ApologyKind.LATE]


def add(connection: Connection, apology: Apology) -> None:
    """Stores a new apology; the caller holds the dossier's lock."""
    connection.execute(_ADD, {name: getattr(apology, name) for name in Apology.__slots__})


def change(connection: Connection, id_: str, **values: Any) -> None:
    """Changes columns of an apology; the caller holds the dossier's lock."""
    connection.execute(_UPDATE, {"of_id": id_, **values})


def take_number(work: UnitOfWork, agency: str, year: int) -> int:
    """Takes the next number of an agency's register; it stays locked until the commit, and a rollback gives the number back."""
    return yearly_numbers.take_number(work, numbers, year, agency=agency)


def add_change(connection: Connection, id_: str, entry: AgencyChange) -> None:
    """Keeps that another agency became responsible."""
    values = {name: getattr(entry, name) for name in AgencyChange.__slots__}
    connection.execute(insert(changes), {"apology": id_, **values})


def changes_of(connection: Connection, id_: str) -> list[AgencyChange]:
    """How the responsible agency of an apology has changed."""
    return [AgencyChange(*row) for row in connection.execute(_CHANGES, {"of_id": id_})]


def add_report(work: UnitOfWork, apology: Apology, day: date) -> bool:
    """Enters that a letter is missing on a day, once; returns whether it was not entered before."""
    values = {"apology": apology.id, "day": day, "agency": apology.agency, "reported_at": work.now}
    statement = work.insert(reports).values(**values).on_conflict_do_nothing().returning(reports.c.day)
    new = work.execute(statement).first() is not None
    change(work.connection, apology.id, reported_on=day, reports=apology.reports + new)
    return new


def unreported(connection: Connection, day: date, after: tuple[datetime, str] | None, limit: int) -> list[Apology]:
    """A page of the drafts that were not reported on a day yet, by the missed time and the id."""
    statement = select(apologies).where(_DRAFTS, or_(_C.reported_on.is_(None), _C.reported_on != day))
    if after is not None:
        statement = statement.where(tuple_(_C.missed_at, _C.id) > after)
    return [Apology(*row) for row in connection.execute(statement.order_by(_C.missed_at, _C.id).limit(limit))]


def to_check(connection: Connection, now: datetime, after: tuple[datetime, str] | None, limit: int) -> list[Apology]:
    """A page of the signed apologies whose new date has passed, by that check's time and the id."""
    statement = select(apologies).where(_C.check_at <= now, _C.check_at.is_not(None))
    if after is not None:
        statement = statement.where(tuple_(_C.check_at, _C.id) > after)
    return [Apology(*row) for row in connection.execute(statement.order_by(_C.check_at, _C.id).limit(limit))]


def drafts(
    connection: Connection, agencies: Collection[str], after: tuple[datetime, str] | None, limit: int
) -> list[Apology]:
    """A page of the letters that wait for the leaders of some agencies; the longest lateness first."""
    statement = select(apologies).where(_DRAFTS, _C.agency.in_(sorted(agencies)))
    if after is not None:
        statement = statement.where(tuple_(_C.missed_at, _C.id) > after)
    return [Apology(*row) for row in connection.execute(statement.order_by(_C.missed_at, _C.id).limit(limit))]


def count_drafts(connection: Connection, agencies: Collection[str]) -> int:
    """How many letters wait for the leaders of some agencies."""
    statement = select(func.count()).where(_DRAFTS, _C.agency.in_(sorted(agencies))).select_from(apologies)
    return int(connection.execute(statement).scalar_one())


def missing_by_agency(connection: Connection) -> dict[str, int]:
    """How many letters are missing, by the responsible agency."""
    return {row[0]: row[1] for row in connection.execute(_MISSING)}


def register(connection: Connection, agency: str, year: int, after: int = 0, limit: int | None = None) -> list[Apology]:
    """The register of an agency and year in the order of its numbers; a page of it if `limit` is given.

    Args:
        connection: any.
        agency: the issuer.
        year: of the numbers.
        after: the last number of the page before.
        limit: the most letters; None for all.
    """
    statement = select(apologies).where(and_(_C.agency == agency, _C.year == year, _C.number > after))
    return [Apology(*row) for row in connection.execute(statement.order_by(_C.number).limit(limit))]


def years_of(connection: Connection, agency: str) -> list[int]:
    """The years in which an agency has given numbers, the newest first."""
    statement = select(numbers.c.year).where(numbers.c.agency == agency).order_by(numbers.c.year.desc())
    return list(connection.execute(statement).scalars())
