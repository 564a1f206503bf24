"""The tables of papers, names of procedures, limits, and flags."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them."""
    op.create_table(
        "token_failure",
        sa.Column("of", sa.String(80), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", Moment, nullable=False),
    )
    op.create_index("ix_token_failure_since", "token_failure", ["since"])
    op.create_table(
        "rating_paper",
        sa.Column("agency", sa.String(100), primary_key=True),
        sa.Column("number", sa.String(30), primary_key=True),
        sa.Column("rating", sa.String(36), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("entered_by", sa.String(100), nullable=False),
        sa.Column("entered_at", Moment, nullable=False),
    )
    op.create_index("ix_rating_paper_entered", "rating_paper", ["agency", "entered_at"])
    op.create_table(
        "procedure_name",
        sa.Column("procedure", sa.String(50), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "rating_flag",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("counter", sa.Integer),
        sa.Column("official", sa.String(100), nullable=False),
        sa.Column("begins", Moment, nullable=False),
        sa.Column("ends", Moment, nullable=False),
        sa.Column("numbers", sa.JSON, nullable=False),
        sa.Column("found_at", Moment, nullable=False),
    )
    op.create_index("ix_rating_flag_agency", "rating_flag", ["agency", "found_at"])
    op.create_table(
        "rating_flag_rating",
        sa.Column("flag", sa.String(36), primary_key=True),
        sa.Column("rating", sa.String(36), primary_key=True),
        sa.Column("score_before", sa.Integer),
    )
    op.create_index("ix_rating_flag_rating_rating", "rating_flag_rating", ["rating"])
    op.create_table(
        "rating_flag_decision",
        sa.Column("flag", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("decided_by", sa.String(100), nullable=False),
        sa.Column("decided_at", Moment, nullable=False),
    )
