"""The table ``reading_audit``: which official read which record, and when (Luật 91/2025/QH15). Every service's database has one.

It holds identifiers only: a subject, a dossier's code. No names, no contact data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Index, MetaData, String, Table, and_, or_, select

from shared.persistence.sql import BigId, Moment

MAX_RECORD = 200

metadata = MetaData()

reading_audit = Table(
    "reading_audit",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),  # business time
    Column("subject", String(200), nullable=False),
    Column("roles", String(100), nullable=False),  # sorted, with a space between
    Column("agency", String(100), nullable=False),  # empty: the reader acts for no agency
    Column("action", String(30), nullable=False),
    Column("record", String(MAX_RECORD), nullable=False),
    Index("ix_reading_audit_record", "record", "at"),
    Index("ix_reading_audit_subject", "subject", "at"),
)

INSERT = reading_audit.insert()


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of the audit.

    Attributes:
        id: grows with every row.
        at: business time.
        subject: the reader's identifier.
        roles: the roles that the reader had.
        agency: the code of the agency that the reader acted for; empty for none.
        action: what was read, such as ``dossier`` or ``messages``.
        record: the code of the dossier, or of the agency whose list was read.
    """

    id: int
    at: datetime
    subject: str
    roles: list[str]
    agency: str
    action: str
    record: str


@dataclass(frozen=True, slots=True)
class ReadingFilter:
    """Which rows are wanted; empty or None means any.

    Attributes:
        record: a dossier's or an agency's code.
        subject: a reader's identifier.
        since: the first moment.
        until: the moment that is no longer included.
    """

    record: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def readings(
    connection: Connection, wanted: ReadingFilter, after: int | None, limit: int
) -> tuple[Sequence[Reading], int | None]:
    """One page of the audit, newest first.

    Args:
        connection: any.
        wanted: the filter.
        after: the id of the last row of the page before; None for the first page.
        limit: rows on a page.

    Returns:
        the rows, and the `after` of the next page; None when there is none.
    """
    columns = reading_audit.c
    statement = select(reading_audit).order_by(columns.at.desc(), columns.id.desc()).limit(limit + 1)
    if wanted.record:
        statement = statement.where(columns.record == wanted.record)
    if wanted.subject:
        statement = statement.where(columns.subject == wanted.subject)
    if wanted.since is not None:
        statement = statement.where(columns.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(columns.at < wanted.until)
    if after is not None:
        last_at = select(columns.at).where(columns.id == after).scalar_subquery()
        statement = statement.where(or_(columns.at < last_at, and_(columns.at == last_at, columns.id < after)))
    rows = connection.execute(statement).all()
    page = [
        Reading(row.id, row.at, row.subject, row.roles.split(), row.agency, row.action, row.record)
        for row in rows[:limit]
    ]
    return page, page[-1].id if len(rows) > limit else None
