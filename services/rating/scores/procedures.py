"""The names of procedures, as intake publishes them, so that pages need not show codes alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, Text, select

from services.rating.database import metadata
from shared.messaging.event import Event
from shared.persistence.sql import Upsert
from shared.persistence.unit_of_work import UnitOfWork

procedures = Table(
    "procedure_name",
    metadata,
    Column("procedure", String(50), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
)


def _newest(row: Any) -> Any:
    changes = {"version": row.excluded.version, "name": row.excluded.name}
    newer = procedures.c.version < row.excluded.version
    return row.on_conflict_do_update(index_elements=["procedure"], set_=changes, where=newer)


_KEEP = Upsert(procedures, _newest)


def on_procedure_published(event: Event, work: UnitOfWork) -> None:
    """Keeps the name that the newest version of a procedure has; versions may come in any order."""
    data = event.data
    row = {"procedure": data["procedure"], "version": data["version"], "name": data["definition"].get("name", "")}
    work.connection.execute(_KEEP.on(work.connection), row)


def procedure_names(connection: Connection, codes: Collection[str]) -> dict[str, str]:
    """Procedure → its name; those that are not known, or have none, are left out."""
    found = select(procedures.c.procedure, procedures.c.name).where(procedures.c.procedure.in_(codes))
    return {code: name for code, name in connection.execute(found) if name}
