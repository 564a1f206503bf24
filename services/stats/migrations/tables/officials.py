"""The tables of what officials did, and of their totals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment

COUNTS = ("served", "received", "returned", "steps", "steps_on_time", "steps_late", "steps_returned")


def create() -> None:
    """Creates them."""
    op.create_table(
        "official_act",
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("about", sa.String(100), primary_key=True),
        sa.Column("official", sa.String(100), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("timeliness", sa.String(10), nullable=False),
    )
    op.create_table(
        "official_total",
        sa.Column("official", sa.String(100), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in COUNTS),
    )
