"""Tables of officials, absences, leaders on duty and mandates."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, String, Table, UniqueConstraint

from services.routing.database import metadata
from shared.persistence.sql import Moment

absences = Table(
    "absence",  # leave calendar: who is away, and their deputy
    metadata,
    Column("id", String(36), primary_key=True),
    Column("agency", String(50), nullable=False),
    Column("official", String(200), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("deputy", String(200), nullable=False),
    Column("entered_by", String(200), nullable=False),
    Column("entered_at", Moment, nullable=False),
    Index("ix_absence_official", "official", "last_day"),
    Index("ix_absence_deputy", "deputy", "last_day"),
)

duties = Table(
    "leader_duty",  # which official signs for the agency at which centre on which day
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("centre", String(50), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("official", String(200), nullable=False),
    Column("entered_by", String(200), nullable=False),
    Column("entered_at", Moment, nullable=False),
    UniqueConstraint("agency", "official", "day", name="uq_leader_duty_official"),
    Index("ix_leader_duty_official", "official", "day"),
)

mandates = Table(
    "leader_mandate",  # an agency lets another agency's official sign for it while on duty at a centre
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("official", String(200), primary_key=True),
    Column("first_day", Date, primary_key=True),
    Column("last_day", Date, nullable=False),
    Column("entered_by", String(200), nullable=False),
    Column("entered_at", Moment, nullable=False),
    Index("ix_leader_mandate_official", "official", "last_day"),
)

officials = Table(
    "official",  # agency and role as a leader entered them or the official's own tokens showed; no names
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("subject", String(200), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("ix_official_subject", "subject"),
)
