"""The writer of facts about procedures: each published version, with the cases whose time limit is shorter than the law's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Date, Index, Integer, String, Table, Text, and_, func, select

from services.stats.database import metadata
from shared.messaging.event import Event
from shared.persistence.sql import insert
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

procedures = Table(
    "procedure_version",  # as published; never changes
    metadata,
    Column("procedure", String(50), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("levels", String(100), nullable=False),  # of those who decide, with spaces between
    Column("in_force_from", Date, nullable=False),
    Column("shortened", Text, nullable=False),  # JSON: name, limit and shortening of cases, as in the catalogue
    Index("ix_procedure_version_in_force_from", "in_force_from"),
)


@dataclass(frozen=True, slots=True)
class ProcedureVersion:
    """A version of a procedure.

    Attributes:
        procedure, version, name: of it.
        levels: of those who decide.
        in_force_from: the first day.
        shortened: of the cases whose limit is shorter than the law's: `name`, `limit` and `shortened`, as in the catalogue.
    """

    procedure: str
    version: int
    name: str
    levels: tuple[str, ...]
    in_force_from: date
    shortened: Sequence[dict[str, Any]]


def record_procedure_published(event: Event, work: UnitOfWork) -> None:
    """A procedure was published in a new version; it is in force from its effective day on, at once if it names none."""
    data, definition = event.data, event.data["definition"]
    effective = definition.get("effective_from")
    cases = [
        {name: case[name] for name in ("name", "limit", "shortened")}
        for case in definition.get("cases", ())
        if case.get("shortened")
    ]
    row = {
        "procedure": data["procedure"],
        "version": data["version"],
        "title": definition.get("name", ""),
        "levels": " ".join(definition.get("levels", ())),
        "in_force_from": date.fromisoformat(effective) if effective else event.time.astimezone(VIETNAM).date(),
        "shortened": orjson.dumps(cases).decode(),
    }
    work.execute(insert(procedures, work.connection).values(row).on_conflict_do_nothing())


def procedures_on(connection: Connection, day: date) -> Sequence[ProcedureVersion]:
    """The version of each procedure that is in force on a day, by code: of those whose day has come, the highest."""
    c = procedures.c
    newest = select(c.procedure, func.max(c.version).label("version")).where(c.in_force_from <= day)
    newest_of = newest.group_by(c.procedure).subquery()
    same = and_(c.procedure == newest_of.c.procedure, c.version == newest_of.c.version)
    found = connection.execute(select(procedures).join(newest_of, same).order_by(c.procedure))
    return [
        ProcedureVersion(
            row.procedure,
            row.version,
            row.title,
            tuple(row.levels.split()),
            row.in_force_from,
            orjson.loads(row.shortened),
        )
        for row in found
    ]
