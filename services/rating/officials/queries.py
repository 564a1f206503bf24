"""Reads the register of officials as it is on a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection

from services.rating.officials.domain import OfficialEntry, in_force
from services.rating.officials.store import entries_of_agencies, entries_of_subjects


def officials_of(connection: Connection, agencies: Collection[str], day: date) -> list[OfficialEntry]:
    """The officials of some agencies on a local day, in order of agency and identifier."""
    return in_force(entries_of_agencies(connection, agencies), day)


def known_officials(connection: Connection, subjects: Collection[str], day: date) -> dict[str, OfficialEntry]:
    """Subject → the official as they are on a local day; of those at several agencies the one entered last."""
    return {one.subject: one for one in in_force(entries_of_subjects(connection, subjects), day)}
