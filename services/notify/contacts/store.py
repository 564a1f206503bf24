"""The table of contacts. Contact data is kept here and in no other service."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Boolean, Column, Connection, String, Table, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.notify.contacts.domain import Contact
from services.notify.database import metadata
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment

contacts = Table(
    "contact",
    metadata,
    Column("dossier", String(100), primary_key=True),
    Column("name", PersonalText("contact.name", row="dossier"), nullable=False),
    Column("phone", PersonalText("contact.phone", row="dossier"), nullable=False),  # as the citizen gave it
    Column("email", PersonalText("contact.email", row="dossier"), nullable=False),
    Column("registered_at", Moment, nullable=False),
    Column("language", String(2), nullable=False),
    Column("channels", String(40), nullable=False),  # preferred, the best first; empty for the usual order
    Column("chat_user", PersonalText("contact.chat_user", row="dossier"), nullable=False),
    Column("address", PersonalText("contact.address", row="dossier"), nullable=False),
    Column("stopped_sms", Boolean, nullable=False, default=False),
    Column("corrected_at", Moment),  # of the newest correction
)


# Built once for each dialect: building a statement takes ten times as long as running it.
_ADD = {
    "sqlite": sqlite.insert(contacts).on_conflict_do_nothing().returning(contacts.c.dossier),
    "postgresql": postgresql.insert(contacts).on_conflict_do_nothing().returning(contacts.c.dossier),
}
_FIND = select(*(contacts.c[field.name] for field in fields(Contact)), contacts.c.corrected_at).where(
    contacts.c.dossier == bindparam("dossier")
)

SAID = ("name", "phone", "email", "language", "channels", "chat_user", "address")
"""What an event says of a contact."""


def add_contact(connection: Connection, contact: Contact) -> bool:
    """Writes the contact of a new dossier; false if the dossier has another one, which stays."""
    values = personal_values(contacts, asdict(contact))
    if connection.execute(_ADD[connection.dialect.name], values).first() is not None:
        return True
    found = find_contact(connection, contact.dossier)
    if found is None:
        return False
    known, corrected_at = found
    # after a correction the first contact is no longer known: the moment of registration tells whether it is the same one
    if corrected_at is not None and known.registered_at == contact.registered_at:
        return True
    return all(getattr(known, name) == getattr(contact, name) for name in SAID)


def find_contact(connection: Connection, dossier: str) -> tuple[Contact, datetime | None] | None:
    """A contact, and the time of its newest correction; None while it has not arrived."""
    row = connection.execute(_FIND, {"dossier": dossier}).first()
    return None if row is None else (Contact(*row[:-1]), row[-1])


def replace_contact(connection: Connection, contact: Contact, corrected_at: datetime) -> bool:
    """Writes a corrected contact; false if a later correction is known already, which stays."""
    values = {name: getattr(contact, name) for name in SAID} | {"corrected_at": corrected_at}
    newer = or_(contacts.c.corrected_at.is_(None), contacts.c.corrected_at < corrected_at)
    statement = (
        update(contacts)
        .where(contacts.c.dossier == contact.dossier, newer)
        .values(personal_values(contacts, values, contact.dossier))
    )
    return connection.execute(statement).rowcount == 1


def erase_contact(connection: Connection, dossier: str) -> None:
    """Erases the contact of a dossier; that there was one stays known."""
    texts = dict.fromkeys(("name", "phone", "email", "chat_user", "address"), "")
    empty = personal_values(contacts, texts, dossier)
    connection.execute(update(contacts).where(contacts.c.dossier == dossier).values(empty))
