"""The table of contacts. Contact data is kept here and in no other service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, Text, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from services.notify.database import metadata
from shared.persistence.sql import Moment

contacts = Table(
    "contact",
    metadata,
    Column("dossier", String(100), primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),  # as the citizen gave it
    Column("email", Text, nullable=False),
    Column("registered_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the applicant of a dossier.

    Attributes:
        dossier: the dossier's code.
        name: of the applicant.
        phone: as the citizen gave it; may be empty.
        email: as the citizen gave it; may be empty.
        registered_at: business time.
    """

    dossier: str
    name: str
    phone: str
    email: str
    registered_at: datetime


def _build_save(
    insert: Callable[[Table], sqlite.Insert] | Callable[[Table], postgresql.Insert],
) -> sqlite.Insert | postgresql.Insert:
    row = insert(contacts)
    changes = {column.name: row.excluded[column.name] for column in contacts.c if not column.primary_key}
    return row.on_conflict_do_update(index_elements=[contacts.c.dossier], set_=changes)


# Built once for each dialect: building a statement takes ten times as long as running it.
_SAVE = {"sqlite": _build_save(sqlite.insert), "postgresql": _build_save(postgresql.insert)}
_PHONE = select(contacts.c.phone).where(contacts.c.dossier == bindparam("dossier"))


def save_contact(connection: Connection, contact: Contact) -> None:
    """Writes a contact; a later registration of the same dossier replaces it."""
    values = {column.name: getattr(contact, column.name) for column in contacts.c}
    connection.execute(_SAVE[connection.dialect.name], values)


def phone_of(connection: Connection, dossier: str) -> str | None:
    """The phone number as the applicant gave it; None while the contact has not arrived."""
    return connection.execute(_PHONE, {"dossier": dossier}).scalar_one_or_none()
