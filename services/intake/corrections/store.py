"""The table of corrections: what an applicant's data were before. Personal data, as the dossier itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Index, String, Table, bindparam, select

from services.intake.database import metadata
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import BigId, Moment

corrections = Table(
    "applicant_correction",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("dossier", String(60), nullable=False),
    Column("corrected_at", Moment, nullable=False),
    Column("corrected_by", String(200), nullable=False),
    Column("reason", PersonalText("applicant_correction.reason", row="dossier"), nullable=False),
    Column(
        "was", PersonalText("applicant_correction.was", row="dossier"), nullable=False
    ),  # JSON: each changed field with its old value
    Index("ix_applicant_correction_dossier", "dossier", "id"),
)

_ADD = corrections.insert()
_OF_DOSSIER = (
    select(corrections.c.corrected_at, corrections.c.corrected_by, corrections.c.reason, corrections.c.was)
    .where(corrections.c.dossier == bindparam("of_code"))
    .order_by(corrections.c.id)
)


def add_correction(
    connection: Connection, dossier: str, at: datetime, by: str, reason: str, was: dict[str, str]
) -> None:
    """Records a correction with the old values of the changed fields."""
    row = {"dossier": dossier, "corrected_at": at, "corrected_by": by, "reason": reason}
    connection.execute(_ADD, personal_values(corrections, row | {"was": orjson.dumps(was).decode()}))


def corrections_of(connection: Connection, dossier: str) -> list[dict[str, Any]]:
    """A dossier's corrections in order of time."""
    rows = connection.execute(_OF_DOSSIER, {"of_code": dossier})
    return [
        {"corrected_at": row[0], "corrected_by": row[1], "reason": row[2], "was": orjson.loads(row[3])} for row in rows
    ]
