"""Complaints about an official that the centre's leader found justified: a mark beside each complaint that was answered in the year.

The complaint itself stays where it is; only its identifier is kept here, for the count in the official's assessment.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, delete, select

from services.rating.complaints.domain import State
from services.rating.complaints.tables import complaints, named
from services.rating.database import metadata
from services.rating.rankings.counting import Span
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

findings = Table(
    "assessment_finding",  # that a complaint about an official was found justified
    metadata,
    Column("complaint", String(36), primary_key=True),
    Column("official", String(100), primary_key=True),
    Column("found_by", String(100), nullable=False),
    Column("found_at", Moment, nullable=False),
)

ANSWERED = (State.ANSWERED, State.PUBLISHED)


@dataclass(frozen=True, slots=True)
class NamedComplaint:
    """A complaint about an official that was answered in a year.

    Attributes:
        id: of the complaint.
        code: by which people find it.
        answered_at: business time.
        justified: whether a leader found it so.
    """

    id: str
    code: str
    answered_at: datetime
    justified: bool


def complaints_about(connection: Connection, official: str, span: Span) -> list[NamedComplaint]:
    """The complaints about an official that were answered within a span, in order of time."""
    c, f = complaints.c, findings.c
    marked = (f.complaint == c.id) & (f.official == official)
    statement = (
        select(c.id, c.code, c.answered_at, f.complaint.is_not(None))
        .join(named, named.c.complaint == c.id)
        .outerjoin(findings, marked)
        .where(named.c.official == official, c.state.in_(ANSWERED))
        .where(c.answered_at >= span[0], c.answered_at < span[1])
        .order_by(c.answered_at, c.id)
    )
    return [NamedComplaint(row[0], row[1], row[2], bool(row[3])) for row in connection.execute(statement)]


def justified_complaints(connection: Connection, official: str, span: Span) -> dict[str, int]:
    """How many complaints about an official were answered within a span, and how many of them were found justified."""
    found = complaints_about(connection, official, span)
    return {"answered": len(found), "justified": sum(one.justified for one in found)}


def mark_justified(work: UnitOfWork, official: str, span: Span, marked: Collection[str], by: str) -> None:
    """Keeps which of the complaints about an official were found justified; others are not, and identifiers of others count for nothing.

    Args:
        work: the transaction.
        official: whom they are about.
        span: in which they were answered.
        marked: identifiers of complaints.
        by: subject of the leader who decides.
    """
    for one in complaints_about(work.connection, official, span):
        if one.justified and one.id not in marked:
            where = (findings.c.complaint == one.id, findings.c.official == official)
            work.connection.execute(delete(findings).where(*where))
        elif one.id in marked and not one.justified:
            row = {"complaint": one.id, "official": official, "found_by": by, "found_at": work.now}
            work.connection.execute(findings.insert(), row)
