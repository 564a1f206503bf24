"""The first tables of notify: contact, message and the audit of reading."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.initial_tables import create_shared_tables
from shared.persistence.sql import Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the messaging tables and notify's own."""
    create_shared_tables()
    op.create_table(
        "contact",
        sa.Column("dossier", sa.String(100), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("registered_at", Moment, nullable=False),
        sa.Column("corrected_at", Moment),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("cause", sa.String(320), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("phone", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("secret_text", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("claim", sa.String(36)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("finished_at", Moment),
        sa.UniqueConstraint("dossier", "kind", "cause", name="uq_message_dossier_kind_cause"),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.UniqueConstraint("provider", "reference", "status", name="uq_receipt_provider_reference_status"),
    )
    op.create_index("ix_message_due", "message", ["state", "due_at"])
