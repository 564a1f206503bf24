"""The tables of officials: the register, visits at counters, and what officials did for dossiers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    String,
    Table,
    bindparam,
    case,
    select,
    update,
)

from services.rating.database import metadata
from services.rating.officials.domain import ON_TIME, OfficialEntry, Part, Visit
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment, Upsert
from shared.persistence.unit_of_work import UnitOfWork

officials = Table(
    "official",  # entries are only appended; of a person at an agency the newest that has begun is in force
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject", String(100), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("name", PersonalText("official.name", row="id"), nullable=False),
    Column("position", String(200), nullable=False),
    Column("home_agency", String(100)),  # which has sent them to the desk
    Column("counter", Integer),  # where they usually sit
    Column("active", Boolean, nullable=False),  # False: has left
    Column("recorded_by", String(100), nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index("ix_official_subject", "subject", "agency"),
    Index("ix_official_agency", "agency"),
)

visits = Table(
    "visit",
    metadata,
    Column("ticket_hash", String(64), primary_key=True),
    Column("desk", String(100), nullable=False),
    Column("counter", Integer),
    Column("number", String(20)),
    Column("official", String(100), nullable=False),
    Column("called_at", Moment),
    Column("served_at", Moment),
    Column("rated_at", Moment),
    Index("ix_visit_desk", "desk", "counter", "called_at"),
)

dossier_officials = Table(
    "dossier_official",  # whom a rating of the dossier is about
    metadata,
    Column("dossier", String(100), primary_key=True),
    Column("official", String(100), primary_key=True),
    Column("part", String(10), primary_key=True),
    Column("agency", String(100), nullable=False),
    Column("at", Moment, nullable=False),  # the first time
    Index("ix_dossier_official_official", "official", "at"),
)

completed_steps = Table(
    "completed_step",
    metadata,
    Column("task", String(100), primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("step", String(100), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("official", String(100), nullable=False),
    Column("procedure", String(50), nullable=False),
    Column("field", String(100), nullable=False),
    Column("due_at", Moment),
    Column("completed_at", Moment, nullable=False),
    Column("timeliness", String(10), nullable=False),
    Column("decision", String(50), nullable=False),
    Index("ix_completed_step_official", "official", "completed_at"),
    Index("ix_completed_step_dossier", "dossier"),
)

returned_steps = Table(
    "returned_step",  # work that came back to an official; a step may come back several times
    metadata,
    Column("task", String(100), primary_key=True),
    Column("returned_at", Moment, primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("official", String(100), nullable=False),
    Index("ix_returned_step_official", "official", "returned_at"),
)

_VISIT = select(*(visits.c[field.name] for field in fields(Visit))).where(visits.c.ticket_hash == bindparam("hash"))
_LOCKED_VISIT = _VISIT.with_for_update()
_NEW_VISIT = Upsert(
    visits, lambda row: row.on_conflict_do_nothing(index_elements=["ticket_hash"]).returning(visits.c.ticket_hash)
)
_CHANGE_VISIT = update(visits).where(visits.c.ticket_hash == bindparam("hash"))
_PARTS = (
    select(dossier_officials.c.official, dossier_officials.c.part)
    .where(dossier_officials.c.dossier == bindparam("of_dossier"))
    .order_by(dossier_officials.c.official, dossier_officials.c.part)
)
_ENTRIES = select(*(officials.c[field.name] for field in fields(OfficialEntry))).order_by(
    officials.c.recorded_at, officials.c.id
)
_OF_AGENCIES = _ENTRIES.where(officials.c.agency.in_(bindparam("agencies", expanding=True)))
_OF_SUBJECTS = _ENTRIES.where(officials.c.subject.in_(bindparam("subjects", expanding=True)))


def _first_part(row: Any) -> Any:
    earlier = dossier_officials.c.at > row.excluded.at
    key = ["dossier", "official", "part"]
    return row.on_conflict_do_update(index_elements=key, set_={"at": row.excluded.at}, where=earlier)


def _only_better(row: Any) -> Any:
    c = completed_steps.c
    changes = {
        name: case((c.timeliness == ON_TIME, c[name]), else_=row.excluded[name]) for name in ("timeliness", "due_at")
    }
    alike = (c.dossier == row.excluded.dossier) & (c.step == row.excluded.step)
    return row.on_conflict_do_update(index_elements=["task"], set_=changes, where=alike).returning(c.task)


_ADD_PART = Upsert(dossier_officials, _first_part)
_KEEP_STEP = Upsert(completed_steps, _only_better)


def append_entry(connection: Connection, id_: str, entry: OfficialEntry, by: str, at: datetime) -> None:
    """Writes an entry of the register.

    Args:
        connection: inside a transaction.
        id_: of the entry; ids of later entries are greater.
        entry: what counts from its day on.
        by: subject of who enters it.
        at: business time.
    """
    values = asdict(entry) | {"id": id_, "recorded_by": by, "recorded_at": at}
    connection.execute(officials.insert(), personal_values(officials, values))


def entries_of_agencies(connection: Connection, agencies: Collection[str]) -> list[OfficialEntry]:
    """All entries of some agencies' officials, in the order in which they were made."""
    return [OfficialEntry(*row) for row in connection.execute(_OF_AGENCIES, {"agencies": sorted(agencies)})]


def entries_of_subjects(connection: Connection, subjects: Collection[str]) -> list[OfficialEntry]:
    """All entries of some officials at all agencies, in the order in which they were made."""
    return [OfficialEntry(*row) for row in connection.execute(_OF_SUBJECTS, {"subjects": sorted(subjects)})]


def keep_visit(connection: Connection, visit: Visit) -> None:
    """Writes what an event tells of a visit, beside what is known of it."""
    if connection.execute(_NEW_VISIT.on(connection), asdict(visit)).first() is not None:
        return
    this = {"hash": visit.ticket_hash}
    known = Visit(*connection.execute(_LOCKED_VISIT, this).one())
    connection.execute(_CHANGE_VISIT, asdict(known.merged(visit)) | this)


def find_visit(connection: Connection, ticket_hash: str) -> Visit | None:
    """A visit; None if nobody was called or served with that ticket."""
    row = connection.execute(_VISIT, {"hash": ticket_hash}).first()
    return None if row is None else Visit(*row)


def add_dossier_official(work: UnitOfWork, dossier: str, part: Part, agency: str, at: datetime) -> None:
    """Writes that an official had a part in a dossier, with all that is deferred; of several times the first stays."""
    row = {"dossier": dossier, "official": part.official, "part": part.part, "agency": agency, "at": at}
    work.defer(_ADD_PART.on(work.connection), row)


def parts_of_dossier(connection: Connection, dossier: str) -> list[Part]:
    """Who received a dossier or handed its result over, and who did its steps; flush what is deferred before."""
    return [Part(*row) for row in connection.execute(_PARTS, {"of_dossier": dossier})]


def keep_completed_step(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Writes a completed step. Of one that is known only lateness may change: to in time, where its day was declared off.

    Args:
        connection: inside a transaction.
        row: the columns.

    Returns:
        false if a step of another dossier is known under this id; nothing was written.
    """
    return connection.execute(_KEEP_STEP.on(connection), row).first() is not None
