"""The tables of invitations and ratings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them."""
    op.create_table(
        "invitation",
        sa.Column("dossier", sa.String(100), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("field", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("form", sa.String(50), nullable=False),
        sa.Column("invited_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("used_at", Moment),
    )
    op.create_table(
        "rating",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("dossier", sa.String(100), unique=True),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("procedure", sa.String(50)),
        sa.Column("field", sa.String(100)),
        sa.Column("counter", sa.Integer),
        sa.Column("form", sa.String(50), nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("criteria", sa.JSON, nullable=False),
        sa.Column("courtesy", sa.JSON, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("entered_by", sa.String(100)),
        sa.Column("given_at", Moment, nullable=False),
    )
    op.create_index("ix_rating_agency", "rating", ["agency", "given_at"])
    op.create_table(
        "rating_official",
        sa.Column("rating", sa.String(36), primary_key=True),
        sa.Column("official", sa.String(100), primary_key=True),
        sa.Column("part", sa.String(10), primary_key=True),
    )
    op.create_index("ix_rating_official_official", "rating_official", ["official"])
    op.create_table(
        "rating_correction",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("rating", sa.String(36), nullable=False),
        sa.Column("score", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("corrected_by", sa.String(100), nullable=False),
        sa.Column("corrected_at", Moment, nullable=False),
    )
    op.create_index("ix_rating_correction_rating", "rating_correction", ["rating"])
