"""Statements on officials: one entry for each official and agency, by the identifier that tokens have, never a name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from services.routing.domain.step_permissions import Official
from services.routing.staff.tables import officials
from shared.persistence.sql import insert


def find(connection: Connection, subject: str, agency: str) -> Official | None:
    """An official of an agency; None when they were never entered there and have not claimed anything there yet."""
    columns = select(officials.c.subject, officials.c.agency, officials.c.role)
    row = connection.execute(columns.where(officials.c.subject == subject, officials.c.agency == agency)).first()
    return Official(*row) if row else None


def is_known(connection: Connection, subject: str) -> bool:
    """Whether any agency has entered an official."""
    return connection.execute(select(officials.c.subject).where(officials.c.subject == subject)).first() is not None


def of_agency(connection: Connection, agency: str) -> dict[str, Official]:
    """The officials of an agency, by identifier."""
    columns = select(officials.c.subject, officials.c.agency, officials.c.role)
    rows = connection.execute(columns.where(officials.c.agency == agency).order_by(officials.c.subject))
    return {row[0]: Official(*row) for row in rows}


def save(connection: Connection, official: Official, at: datetime) -> None:
    """Enters an official of an agency, or updates the role there if it has changed."""
    statement = insert(officials, connection).values(
        subject=official.subject, agency=official.agency, role=official.role, seen_at=at
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[officials.c.agency, officials.c.subject],
            set_={"role": official.role, "seen_at": at},
            where=officials.c.role != official.role,
        )
    )


def drop(connection: Connection, subject: str, agency: str) -> bool:
    """Deletes an official who has left an agency; False when they were not of it."""
    where = (officials.c.subject == subject, officials.c.agency == agency)
    return connection.execute(delete(officials).where(*where)).rowcount == 1
