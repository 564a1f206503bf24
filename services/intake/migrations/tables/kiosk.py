"""The tables of kiosks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "kiosk",
        sa.Column("desk", sa.String(50), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("token_hash", sa.String(64)),
        sa.Column("paired_at", Moment),
        sa.Column("paired_by", sa.String(200), nullable=False),
        sa.Column("code_hash", sa.String(64)),
        sa.Column("code_until", Moment),
        sa.Column("issued", sa.Integer, nullable=False),
        sa.Column("issued_since", Moment),
    )
    op.create_index("ix_kiosk_token_hash", "kiosk", ["token_hash"], unique=True)
    op.create_index("ix_kiosk_code_hash", "kiosk", ["code_hash"])
