"""The tables of look-ups, reading by other agencies, erasure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "lookup_failure",
        sa.Column("of", sa.String(80), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", Moment, nullable=False),
    )
    op.create_index("ix_lookup_failure_since", "lookup_failure", ["since"])
    op.create_table(
        "foreign_access",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("roles", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_foreign_access_dossier", "foreign_access", ["dossier", "subject", "at"])
    op.create_index("ix_foreign_access_at", "foreign_access", ["at"])
    op.create_table(
        "erasure",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("erased_at", Moment, nullable=False),
    )
    op.create_index("ix_erasure_erased_at", "erasure", ["erased_at"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("held_at", Moment, nullable=False),
        sa.Column("held_by", sa.String(200), nullable=False),
        sa.Column("until", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("ended_by", sa.String(200), nullable=False),
    )
    op.create_index("ix_legal_hold_dossier", "legal_hold", ["dossier"])
    op.create_index("ix_legal_hold_agency", "legal_hold", ["agency", "held_at"])
