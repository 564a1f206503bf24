"""The names of procedures."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection


def procedure_names(connection: Connection, day: date) -> dict[str, str]:
    """Procedure → its name on a day; those without one are left out."""
    return {}
