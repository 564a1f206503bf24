"""The table of waivers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, select, update

from services.intake.database import metadata
from services.intake.payments.waivers.domain import Waiver
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment

waivers = Table(
    "fee_waiver",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("dossier", String(60), nullable=False),
    Column("category", PersonalText("fee_waiver.category", row="id"), nullable=False),  # tells of poverty or disability
    Column("evidence", PersonalText("fee_waiver.evidence", row="id"), nullable=False),
    Column("state", String(10), nullable=False),
    Column("fee", BigInteger, nullable=False),  # VND
    Column("waived", BigInteger, nullable=False),  # VND
    Column("asked_at", Moment, nullable=False),
    Column("asked_by", String(200), nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", String(200)),
    Column("reason", PersonalText("fee_waiver.reason", row="id")),
    Index("ix_fee_waiver_dossier", "dossier"),
)


def add(connection: Connection, waiver: Waiver) -> None:
    """Adds a waiver."""
    connection.execute(waivers.insert(), personal_values(waivers, asdict(waiver)))


def change(connection: Connection, identifier: str, **values: Any) -> None:
    """Changes a waiver of a locked dossier."""
    statement = update(waivers).where(waivers.c.id == identifier)
    connection.execute(statement.values(personal_values(waivers, values, identifier)))


def of_dossier(connection: Connection, dossier: str) -> list[Waiver]:
    """A dossier's waivers in order of time."""
    found = select(waivers).where(waivers.c.dossier == dossier).order_by(waivers.c.asked_at, waivers.c.id)
    return [Waiver(*row) for row in connection.execute(found)]
