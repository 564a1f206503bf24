"""The names of procedures, as they were published."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from services.stats.facts.procedures import procedures_on


def procedure_names(connection: Connection, day: date) -> dict[str, str]:
    """Procedure → its name on a day; those without one are left out."""
    return {one.procedure: one.name for one in procedures_on(connection, day) if one.name}
