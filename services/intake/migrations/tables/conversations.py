"""The tables of conversations with applicants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "conversation_entry",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("refers_to", sa.String(36)),
        sa.Column("audience", sa.String(10), nullable=False),
        sa.Column("happened_at", Moment),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_conversation_entry_dossier", "conversation_entry", ["dossier", "at", "id"])
    op.create_table(
        "conversation_waiting",
        sa.Column("entry", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("asked_by", sa.String(50), nullable=False),
        sa.Column("since", Moment, nullable=False),
    )
    op.create_index("ix_conversation_waiting_agency", "conversation_waiting", ["agency", "since", "entry"])
    op.create_index("ix_conversation_waiting_dossier", "conversation_waiting", ["dossier"])
