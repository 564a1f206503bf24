"""The tables of officials: the register, and what they did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them."""
    op.create_table(
        "official",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("position", sa.String(200), nullable=False),
        sa.Column("home_agency", sa.String(100)),
        sa.Column("counter", sa.Integer),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
    )
    op.create_index("ix_official_subject", "official", ["subject", "agency"])
    op.create_index("ix_official_agency", "official", ["agency"])
    op.create_table(
        "visit",
        sa.Column("ticket_hash", sa.String(64), primary_key=True),
        sa.Column("desk", sa.String(100), nullable=False),
        sa.Column("counter", sa.Integer),
        sa.Column("number", sa.String(20)),
        sa.Column("official", sa.String(100), nullable=False),
        sa.Column("called_at", Moment),
        sa.Column("served_at", Moment),
        sa.Column("rated_at", Moment),
    )
    op.create_index("ix_visit_desk", "visit", ["desk", "counter", "called_at"])
    op.create_table(
        "dossier_official",
        sa.Column("dossier", sa.String(100), primary_key=True),
        sa.Column("official", sa.String(100), primary_key=True),
        sa.Column("part", sa.String(10), primary_key=True),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_index("ix_dossier_official_official", "dossier_official", ["official", "at"])
    op.create_table(
        "completed_step",
        sa.Column("task", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("official", sa.String(100), nullable=False),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("field", sa.String(100), nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("completed_at", Moment, nullable=False),
        sa.Column("timeliness", sa.String(10), nullable=False),
        sa.Column("decision", sa.String(50), nullable=False),
    )
    op.create_index("ix_completed_step_official", "completed_step", ["official", "completed_at"])
    op.create_index("ix_completed_step_dossier", "completed_step", ["dossier"])
    op.create_table(
        "returned_step",
        sa.Column("task", sa.String(100), primary_key=True),
        sa.Column("returned_at", Moment, primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("official", sa.String(100), nullable=False),
    )
    op.create_index("ix_returned_step_official", "returned_step", ["official", "returned_at"])
