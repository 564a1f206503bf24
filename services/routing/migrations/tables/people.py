"""The tables of officials, absences and mandates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "official",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("subject", sa.String(200), primary_key=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
    )
    op.create_index("ix_official_subject", "official", ["subject"])
    op.create_table(
        "absence",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("official", sa.String(200), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("deputy", sa.String(200), nullable=False),
        sa.Column("entered_by", sa.String(200), nullable=False),
        sa.Column("entered_at", Moment, nullable=False),
    )
    op.create_index("ix_absence_deputy", "absence", ["deputy", "last_day"])
    op.create_index("ix_absence_official", "absence", ["official", "last_day"])
    op.create_table(
        "leader_duty",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("centre", sa.String(50), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("official", sa.String(200), nullable=False),
        sa.Column("entered_by", sa.String(200), nullable=False),
        sa.Column("entered_at", Moment, nullable=False),
        sa.UniqueConstraint("agency", "official", "day", name="uq_leader_duty_official"),
    )
    op.create_index("ix_leader_duty_official", "leader_duty", ["official", "day"])
    op.create_table(
        "leader_mandate",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("official", sa.String(200), primary_key=True),
        sa.Column("first_day", sa.Date, primary_key=True),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("entered_by", sa.String(200), nullable=False),
        sa.Column("entered_at", Moment, nullable=False),
    )
    op.create_index("ix_leader_mandate_official", "leader_mandate", ["official", "last_day"])
    op.create_table(
        "agency_service",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("since", Moment, nullable=False),
        sa.Column("signs", sa.Boolean, nullable=False),
        sa.Column("until", Moment),
        sa.Column("way", sa.String(10), nullable=False),
    )
