"""The tables of exports of a person's data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "data_export",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("requested_at", Moment, nullable=False),
        sa.Column("kept_until", Moment, nullable=False),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.UniqueConstraint("owner", "number", name="uq_data_export_number"),
    )
    op.create_index("ix_data_export_kept_until", "data_export", ["kept_until"])
    op.create_table(
        "data_export_part",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("export", sa.String(36), nullable=False),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("messages", sa.Text),
        sa.Column("messages_at", Moment),
        sa.Column("rating", sa.Text),
        sa.Column("rating_at", Moment),
    )
    op.create_index("ix_data_export_part_export", "data_export_part", ["export"])
    op.create_index("ix_data_export_part_dossier", "data_export_part", ["dossier"])
