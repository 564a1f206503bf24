"""What scores read of the register of officials: who works where, and what they are called."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, select

from services.rating.officials.queries import officials_of
from services.rating.officials.store import officials

_O = officials.c
_IN_ORDER = (_O.valid_from, _O.recorded_at, _O.id)


def registered_at(connection: Connection, agencies: Collection[str], day: date) -> frozenset[str]:
    """The subjects of the officials who work for one of these agencies on a day."""
    return frozenset(one.subject for one in officials_of(connection, agencies, day))


def names_of(connection: Connection, subjects: Collection[str]) -> dict[str, str]:
    """Subject → the last name in the register, also of those who have left; others are left out."""
    found = select(_O.subject, _O.name, _O.id).where(_O.subject.in_(set(subjects))).order_by(*_IN_ORDER)
    return {row.subject: row.name for row in connection.execute(found)}
