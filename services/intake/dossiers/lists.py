"""Lists of dossiers: which belong to one, and the columns that it shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select, tuple_

from services.intake.dossiers.domain import State
from services.intake.dossiers.store import dossiers
from services.intake.plugin_access.store import dossiers_held_by
from shared.persistence.personal_data import index_equals, index_matches


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """The columns of a dossier that a worklist shows, in the order of the query."""

    code: str
    state: State
    procedure: str
    procedure_version: int
    channel: str
    receiving_agency: str
    received_at: datetime
    promised_at: datetime
    due_at: datetime
    paused: bool
    place_agency: str
    resolved_at: datetime | None
    applicant_name: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Which dossiers a list shows, the newest first.

    Attributes:
        desks: those received at these agencies …
        holders: … and those of which these agencies have an open step.
        states: which states.
        after: the code of the last dossier of the previous page; empty for the first page.
        most: maximum number of rows.
        text: only dossiers whose code contains it, whose applicant's name has all its words, with or without diacritics, or whose applicant
            has this identity number.
    """

    desks: Collection[str]
    holders: Collection[str]
    states: Collection[State]
    after: str
    most: int
    text: str = ""


_WORKLIST = select(*(dossiers.c[name] for name in WorklistRow.__dataclass_fields__))


def of_person(connection: Connection, id_number: str) -> ColumnElement[bool]:
    """A condition on `dossier`: its applicant has this identity number, as typed with any separators. Served by a database index."""
    return index_equals(connection, dossiers.c.applicant_id_index, id_number)


def worklist(connection: Connection, wanted: Listing) -> list[WorklistRow]:
    """The dossiers of a list."""
    position = tuple_(dossiers.c.received_at, dossiers.c.code)
    whose: ColumnElement[bool] = dossiers.c.receiving_agency.in_(sorted(wanted.desks))
    if wanted.holders:
        whose = or_(whose, dossiers.c.code.in_(dossiers_held_by(wanted.holders)))
    statement = _WORKLIST.where(whose, dossiers.c.state.in_(sorted(int(state) for state in wanted.states)))
    if wanted.text:
        statement = statement.where(
            or_(
                dossiers.c.code.contains(wanted.text.upper(), autoescape=True),
                index_matches(connection, dossiers.c.applicant_search, wanted.text),
                of_person(connection, wanted.text),
            )
        )
    if wanted.after:
        last = select(dossiers.c.received_at, dossiers.c.code).where(dossiers.c.code == wanted.after)
        statement = statement.where(position < last.scalar_subquery())
    statement = statement.order_by(dossiers.c.received_at.desc(), dossiers.c.code.desc()).limit(wanted.most)
    return [WorklistRow(row[0], State(row[1]), *row[2:]) for row in connection.execute(statement)]
