"""The table of contacts. Contact data is kept here and in no other service."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Boolean, Column, Connection, String, Table, bindparam, or_, select, update

from services.notify.contacts.domain import Contact
from services.notify.database import metadata
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment, Upsert, WithList
from shared.persistence.unit_of_work import UnitOfWork

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


Found = tuple[Contact, datetime | None]
"""A contact, and the time of its newest correction."""

_ADD = Upsert(contacts, lambda row: row.on_conflict_do_nothing().returning(contacts.c.dossier))
_ALL = select(*(contacts.c[field.name] for field in fields(Contact)), contacts.c.corrected_at)
_FIND = _ALL.where(contacts.c.dossier == bindparam("dossier"))
_OF_DOSSIERS = WithList(lambda among: _ALL.where(among(contacts.c.dossier, "dossiers")))

SAID = ("name", "phone", "email", "language", "channels", "chat_user", "address")
"""What an event says of a contact."""


def _known(_work: UnitOfWork) -> dict[str, Found]:
    """The contacts of a transaction that were read ahead or written, by dossier; it need not ask for them again."""
    return {}


def read_contacts(work: UnitOfWork, dossiers: Collection[str]) -> list[Contact]:
    """Reads contacts at once, for `contact_of` in the same transaction; returns those that have arrived."""
    found = work.connection.execute(_OF_DOSSIERS.on(work.connection), {"dossiers": sorted(dossiers)})
    read: list[Found] = [(Contact(*row[:-1]), row[-1]) for row in found]
    work.attached(_known).update((one[0].dossier, one) for one in read)
    return [contact for contact, _ in read]


def contact_of(work: UnitOfWork, dossier: str) -> Found | None:
    """A contact as :func:`find_contact` finds it, without asking for one that the transaction has read or written."""
    return work.attached(_known).get(dossier) or find_contact(work.connection, dossier)


def add_contact(work: UnitOfWork, contact: Contact) -> bool:
    """Writes the contact of a new dossier; false if the dossier has another one, which stays."""
    values = personal_values(contacts, asdict(contact))
    if work.connection.execute(_ADD.on(work.connection), values).first() is not None:
        work.attached(_known)[contact.dossier] = (contact, None)
        return True
    found = find_contact(work.connection, contact.dossier)
    if found is None:
        return False
    known, corrected_at = found
    # after a correction the first contact is no longer known: the moment of registration tells whether it is the same one
    if corrected_at is not None and known.registered_at == contact.registered_at:
        return True
    return all(getattr(known, name) == getattr(contact, name) for name in SAID)


def find_contact(connection: Connection, dossier: str) -> Found | None:
    """A contact, and the time of its newest correction; None while it has not arrived."""
    row = connection.execute(_FIND, {"dossier": dossier}).first()
    return None if row is None else (Contact(*row[:-1]), row[-1])


def replace_contact(work: UnitOfWork, contact: Contact, corrected_at: datetime) -> bool:
    """Writes a corrected contact; false if a later correction is known already, which stays."""
    values = {name: getattr(contact, name) for name in SAID} | {"corrected_at": corrected_at}
    newer = or_(contacts.c.corrected_at.is_(None), contacts.c.corrected_at < corrected_at)
    statement = (
        update(contacts)
        .where(contacts.c.dossier == contact.dossier, newer)
        .values(personal_values(contacts, values, contact.dossier))
    )
    work.attached(_known).pop(contact.dossier, None)
    return work.connection.execute(statement).rowcount == 1


def erase_contact(work: UnitOfWork, dossier: str) -> None:
    """Erases the contact of a dossier; that there was one stays known."""
    texts = dict.fromkeys(("name", "phone", "email", "chat_user", "address"), "")
    empty = personal_values(contacts, texts, dossier)
    work.attached(_known).pop(dossier, None)
    work.connection.execute(update(contacts).where(contacts.c.dossier == dossier).values(empty))
