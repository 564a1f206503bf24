"""Statements on officials: agency and role by identifier as tokens have it, never a name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, or_, select

from services.routing.domain.step_permissions import Official
from services.routing.staff.tables import officials
from shared.persistence.sql import insert


def find(connection: Connection, subject: str) -> Official | None:
    """An official; None when they were never entered and have not claimed anything yet."""
    columns = select(officials.c.subject, officials.c.agency, officials.c.role)
    row = connection.execute(columns.where(officials.c.subject == subject)).first()
    return Official(*row) if row else None


def of_agency(connection: Connection, agency: str) -> dict[str, Official]:
    """The officials of an agency, by identifier."""
    columns = select(officials.c.subject, officials.c.agency, officials.c.role)
    rows = connection.execute(columns.where(officials.c.agency == agency).order_by(officials.c.subject))
    return {row[0]: Official(*row) for row in rows}


def save(connection: Connection, official: Official, at: datetime) -> None:
    """Enters an official, or updates agency and role if they have changed."""
    statement = insert(officials, connection).values(
        subject=official.subject, agency=official.agency, role=official.role, seen_at=at
    )
    changed = or_(officials.c.agency != official.agency, officials.c.role != official.role)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[officials.c.subject],
            set_={"agency": official.agency, "role": official.role, "seen_at": at},
            where=changed,
        )
    )


def drop(connection: Connection, subject: str, agency: str) -> bool:
    """Deletes an official who has left an agency; False when they were not of it."""
    where = (officials.c.subject == subject, officials.c.agency == agency)
    return connection.execute(delete(officials).where(*where)).rowcount == 1
