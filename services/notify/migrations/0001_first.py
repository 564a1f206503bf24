"""The first tables of notify: contacts, messages, their deliveries and receipts, agencies' own texts, and the audit of reading."""

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
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("channels", sa.String(40), nullable=False),
        sa.Column("chat_user", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("stopped_sms", sa.Boolean, nullable=False),
        sa.Column("corrected_at", Moment),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("template", sa.String(60), nullable=False),
        sa.Column("cause", sa.String(320), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("plan", sa.String(40), nullable=False),
        sa.Column("variables", sa.Text),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("sent_at", Moment),
        sa.Column("finished_at", Moment),
        sa.UniqueConstraint("dossier", "kind", "cause", name="uq_message_dossier_kind_cause"),
    )
    op.create_index("ix_message_created_at", "message", ["created_at"])
    _create_delivery()
    _create_provider_tables()
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
    op.create_table(
        "template_override",
        sa.Column("agency", sa.String(100), primary_key=True),
        sa.Column("channel", sa.String(10), primary_key=True),
        sa.Column("language", sa.String(2), primary_key=True),
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("folded", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
    )


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("message", sa.String(36), nullable=False),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("wait_seconds", sa.Integer),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("parts", sa.Text),
        sa.Column("secret_parts", sa.Text),
        sa.Column("template_version", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("doubts", sa.Integer, nullable=False),
        sa.Column("claim", sa.String(36)),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("segments", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("fallback_at", Moment),
        sa.Column("sent_at", Moment),
        sa.Column("finished_at", Moment),
    )
    op.create_index("ix_delivery_due", "delivery", ["channel", "state", "urgent", "due_at"])
    op.create_index("ix_delivery_dossier", "delivery", ["dossier"])
    op.create_index("ix_delivery_message", "delivery", ["message"])
    op.create_index("ix_delivery_reference", "delivery", ["provider", "reference"])
    op.create_index("ix_delivery_fallback_at", "delivery", ["fallback_at"])
    op.create_index("ix_delivery_agency", "delivery", ["agency", "created_at"])


def _create_provider_tables() -> None:
    op.create_table(
        "delivery_part",
        sa.Column("provider", sa.String(40), primary_key=True),
        sa.Column("reference", sa.String(200), primary_key=True),
        sa.Column("whole", sa.String(200), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("status", sa.String(10)),
        sa.Column("at", Moment),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
    )
    op.create_index("ix_delivery_part_whole", "delivery_part", ["provider", "whole"])
    op.create_table(
        "provider_health",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("share", sa.Float, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("waits_seconds", sa.Float, nullable=False),
        sa.Column("last_failure", sa.Text, nullable=False),
        sa.Column("in_doubt", sa.Integer, nullable=False),
        sa.Column("measured_at", Moment, nullable=False),
    )
