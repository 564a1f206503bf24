"""The tables of results and how they reach the citizen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "result_hand_over",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("identity", sa.String(20)),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("originals", sa.Text, nullable=False),
        sa.Column("parcel", sa.String(20), nullable=False),
        sa.Column("handed_over_at", Moment, nullable=False),
        sa.Column("handed_over_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "parcel_state",
        sa.Column("dossier", sa.String(100), primary_key=True),
        sa.Column("parcel", sa.String(20), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("contents", sa.String(10), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "one_time_code",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("code_hash", sa.String(100), nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.Column("issued_by", sa.String(200), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
    )
    op.create_table(
        "delivery_choice",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("by_post", sa.Boolean, nullable=False),
        sa.Column("chosen_at", Moment, nullable=False),
    )
    op.create_table(
        "result_file",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("file", sa.String(36), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("paper_too", sa.Boolean, nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.Column("taken_at", Moment),
    )
    op.create_index("ix_result_file_sha256", "result_file", ["sha256"])
