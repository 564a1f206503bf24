"""The table of waivers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, delete, func, select, update

from services.intake.database import metadata
from services.intake.payments.waivers.domain import ASKED, BEGUN, Waiver
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment

waivers = Table(
    "fee_waiver",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("dossier", String(60), nullable=False),
    Column("desk", String(50), nullable=False),
    Column("category", PersonalText("fee_waiver.category", row="id"), nullable=False),  # tells of poverty or disability
    Column("evidence", PersonalText("fee_waiver.evidence", row="id"), nullable=False),
    Column("number", PersonalText("fee_waiver.number", row="id"), nullable=False),
    Column("state", String(10), nullable=False),
    Column("fee", BigInteger, nullable=False),  # VND
    Column("waived", BigInteger, nullable=False),  # VND
    Column("asked_at", Moment, nullable=False),
    Column("asked_by", String(200), nullable=False),
    Column("owner", String(64)),
    Column("decided_at", Moment),
    Column("decided_by", String(200)),
    Column("reason", PersonalText("fee_waiver.reason", row="id")),
    Column("seen", String(10)),
    Index("ix_fee_waiver_dossier", "dossier"),
    Index("ix_fee_waiver_state", "state", "desk", "asked_at"),
)
_C = waivers.c


def add(connection: Connection, waiver: Waiver) -> None:
    """Adds a waiver."""
    connection.execute(waivers.insert(), personal_values(waivers, asdict(waiver)))


def change(connection: Connection, identifier: str, **values: Any) -> None:
    """Changes a waiver of a locked dossier."""
    statement = update(waivers).where(_C.id == identifier)
    connection.execute(statement.values(personal_values(waivers, values, identifier)))


def of_dossier(connection: Connection, dossier: str) -> list[Waiver]:
    """A dossier's waivers that were asked for, in order of time."""
    found = select(waivers).where(_C.dossier == dossier, _C.state != BEGUN).order_by(_C.asked_at, _C.id)
    return [Waiver(*row) for row in connection.execute(found)]


def begun(connection: Connection, dossier: str, owner: str) -> Waiver | None:
    """What somebody has begun to ask for and not yet sent; None without it."""
    found = select(waivers).where(_C.dossier == dossier, _C.owner == owner, _C.state == BEGUN)
    row = connection.execute(found).first()
    return None if row is None else Waiver(*row)


def ids_of(connection: Connection, dossier: str) -> list[str]:
    """The ids of all waivers of a dossier, sent or not; files are kept under them."""
    return list(connection.execute(select(_C.id).where(_C.dossier == dossier)).scalars())


def asked(connection: Connection, desks: Collection[str], limit: int) -> list[Waiver]:
    """Waivers that wait for a decision of some desks, the oldest first."""
    found = select(waivers).where(_C.state == ASKED, _C.desk.in_(desks)).order_by(_C.asked_at, _C.id).limit(limit)
    return [Waiver(*row) for row in connection.execute(found)]


def count_asked(connection: Connection, desks: Collection[str]) -> int:
    """How many waivers wait for a decision of some desks."""
    found = select(func.count()).where(_C.state == ASKED, _C.desk.in_(desks))
    return int(connection.execute(found).scalar_one())


def unsent(connection: Connection, before: datetime, most: int) -> list[str]:
    """Ids of waivers that were begun, and neither sent nor changed since a moment."""
    found = select(_C.id).where(_C.state == BEGUN, _C.asked_at < before).order_by(_C.asked_at).limit(most)
    return list(connection.execute(found).scalars())


def remove_unsent(connection: Connection, identifier: str, before: datetime) -> bool:
    """Deletes a waiver if it was still not sent, and not changed since a moment; returns whether."""
    chosen = delete(waivers).where(_C.id == identifier, _C.state == BEGUN, _C.asked_at < before)
    return connection.execute(chosen).rowcount == 1
