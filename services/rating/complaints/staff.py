"""Who may be given a complaint: officials of the register who work today, and are not barred."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from services.rating.complaints.conflicts import barred_officials, directed_by_leader, may_handle
from services.rating.complaints.store import Complaint
from services.rating.officials.store import officials
from shared.agencies import Agencies
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM


@dataclass(frozen=True, slots=True)
class Colleague:
    """An official to choose.

    Attributes:
        subject: of their token.
        name, position: of the register.
        agency: theirs.
    """

    subject: str
    name: str
    position: str
    agency: str


def colleagues(connection: Connection, agencies: Iterable[str], day: date) -> list[Colleague]:
    """The officials who work for some agencies on a day, by name."""
    c = officials.c
    statement = (
        select(c.subject, c.agency, c.name, c.position, c.active)
        .where(c.agency.in_(sorted(agencies)), c.valid_from <= day)
        .order_by(c.valid_from, c.recorded_at, c.id)
    )
    newest = {(row.subject, row.agency): row for row in connection.execute(statement)}
    found = [Colleague(row.subject, row.name, row.position, row.agency) for row in newest.values() if row.active]
    return sorted(found, key=lambda one: (one.name, one.subject))


def employed(connection: Connection, agencies: Agencies, agency: str, day: date) -> dict[str, str]:
    """The officials of an agency and of those below it → their agency; of two, the one that is the agency itself or the first."""
    found = colleagues(connection, agencies.descendants(agency, day), day)
    return {one.subject: one.agency for one in sorted(found, key=lambda one: one.agency, reverse=True)}


def assignable(connection: Connection, agencies: Agencies, complaint: Complaint, day: date) -> list[Colleague]:
    """The officials to whom a complaint may be given."""
    barred = barred_officials(connection, complaint)
    directed = directed_by_leader(agencies, complaint, day)
    found = colleagues(connection, agencies.descendants(complaint.agency, day), day)
    return [one for one in found if may_handle(one.subject, one.agency, barred, directed)]


def may_be_given(work: UnitOfWork, complaint: Complaint, official: str) -> bool:
    """Whether an official may have, or keep, a complaint."""
    day = work.now.astimezone(VIETNAM).date()
    found = assignable(work.connection, work.reference.agencies, complaint, day)
    return official in {one.subject for one in found}


def name_of(connection: Connection, subject: str) -> str:
    """The newest name of an official in the register; empty where there is none."""
    c = officials.c
    newest = select(c.name).where(c.subject == subject).order_by(c.valid_from.desc(), c.recorded_at.desc()).limit(1)
    return connection.execute(newest).scalar() or ""
