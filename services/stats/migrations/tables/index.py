"""The tables of the index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "index_score",
        sa.Column("period", sa.String(7), primary_key=True),
        sa.Column("index", sa.String(20), primary_key=True),
        sa.Column("part", sa.String(10), primary_key=True),
        sa.Column("agency", sa.String(100), primary_key=True),
        sa.Column("numerator", sa.Integer, nullable=False),
        sa.Column("denominator", sa.Integer, nullable=False),
    )
    op.create_table(
        "index_period",
        sa.Column("period", sa.String(7), primary_key=True),
        sa.Column("index", sa.String(20), primary_key=True),
        sa.Column("counted_at", Moment, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
    )
    op.create_table(
        "index_change",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("changes", sa.Integer, nullable=False),
    )
    op.create_table(
        "index_figure",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("index", sa.String(20), nullable=False),
        sa.Column("part", sa.String(10), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("entered_at", Moment, nullable=False),
        sa.Column("entered_by", sa.String(100), nullable=False),
    )
    op.create_index("ix_index_figure_period", "index_figure", ["period", "index", "agency"])
