"""The first tables of rating: invitations and ratings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.initial_tables import create_shared_tables
from shared.persistence.sql import Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the messaging tables, invitation and rating."""
    create_shared_tables()
    op.create_table(
        "invitation",
        sa.Column("dossier", sa.String(100), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("field", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("invited_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("used_at", Moment),
    )
    op.create_table(
        "rating",
        sa.Column("dossier", sa.String(100), primary_key=True),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("criteria", sa.JSON, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("given_at", Moment, nullable=False),
    )
