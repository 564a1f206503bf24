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
    _post()
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
    _create_chat_token()
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
    _create_inbound()


def _create_chat_token() -> None:
    op.create_table(
        "chat_token",
        sa.Column("provider", sa.String(40), primary_key=True),
        sa.Column("first_token", sa.String(64), nullable=False),
        sa.Column("access_token", sa.Text, nullable=False),
        sa.Column("refresh_token", sa.Text, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("claim", sa.String(36)),
        sa.Column("claimed_until", Moment),
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


def _post() -> None:
    """The public post: letters, their batches and numbers; parcels and their tracking."""
    op.create_table(
        "post_number",
        sa.Column("agency", sa.String(100), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("number", sa.String(120), nullable=False),
        sa.Column("reference", sa.String(130), nullable=False, unique=True),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("contents", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("grams", sa.Integer, nullable=False),
        sa.Column("fee", sa.Integer, nullable=False),
        sa.Column("queued_at", Moment, nullable=False),
        sa.Column("batch", sa.String(36), index=True),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("ix_letter_waiting", "letter", ["agency", "state", "queued_at"])
    op.create_index("ix_letter_dossier", "letter", ["dossier"])
    op.create_table(
        "letter_batch",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("letters", sa.Integer, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("fee", sa.Integer, nullable=False),
        sa.Column("closed_at", Moment, nullable=False),
        sa.Column("closed_by", sa.String(200), nullable=False),
        sa.Column("printed_at", Moment),
        sa.Column("printed_by", sa.String(200)),
        sa.Column("posted_at", Moment),
        sa.Column("posted_by", sa.String(200)),
        sa.UniqueConstraint("agency", "year", "number", name="uq_letter_batch_agency_year_number"),
    )
    op.create_index("ix_letter_batch_agency_closed_at", "letter_batch", ["agency", "closed_at"])
    _parcels()


def _parcels() -> None:
    op.create_table(
        "parcel",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("contents", sa.String(10), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("number", sa.String(20)),
        sa.Column("grams", sa.Integer, nullable=False),
        sa.Column("fee", sa.Integer),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("received_by", sa.Text, nullable=False),
        sa.Column("state_at", Moment, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("poll_at", Moment),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("handled_at", Moment),
        sa.Column("handled_by", sa.String(200)),
        sa.UniqueConstraint("number", "dossier", name="uq_parcel_number_dossier"),
    )
    op.create_index("ix_parcel_due_at", "parcel", ["due_at"])
    op.create_index("ix_parcel_poll_at", "parcel", ["poll_at"])
    op.create_index("ix_parcel_agency", "parcel", ["agency", "created_at"])
    op.create_index("ix_parcel_dossier", "parcel", ["dossier"])
    op.create_table(
        "parcel_tracking",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("number", sa.String(130), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("event", sa.String(100), nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("received_by", sa.Text, nullable=False),
        sa.Column("stored_at", Moment, nullable=False),
    )
    op.create_index("ix_parcel_tracking_number", "parcel_tracking", ["number"])


def _create_inbound() -> None:
    op.create_table(
        "dossier_status",
        sa.Column("dossier", sa.String(100), primary_key=True),
        sa.Column("stage", sa.String(20)),
        sa.Column("rank", sa.SmallInteger),
        sa.Column("at", Moment),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("due_set_at", Moment),
        sa.Column("lookup_hash", sa.String(100), nullable=False),
        sa.Column("lookup_hash_at", Moment),
    )
    op.create_table(
        "inbound_message",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("sender_hash", sa.String(64), nullable=False),
        sa.Column("recipient", sa.String(40), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reply", sa.String(40), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
    )
    op.create_index("ix_inbound_message_state", "inbound_message", ["state", "received_at"])
    op.create_index("ix_inbound_message_sender", "inbound_message", ["sender_hash", "received_at"])
    op.create_index("ix_inbound_message_code", "inbound_message", ["code", "received_at"])
    op.create_index("ix_inbound_message_agency", "inbound_message", ["agency", "received_at"])
    op.create_table(
        "stopped_number",
        sa.Column("number_hash", sa.String(64), primary_key=True),
        sa.Column("since", Moment, nullable=False),
    )
    op.create_table(
        "survey_recipient",
        sa.Column("survey", sa.String(100), primary_key=True),
        sa.Column("recipient_hash", sa.String(64), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
    )
    op.create_index("ix_survey_recipient_dossier", "survey_recipient", ["dossier"])
    op.create_index("ix_survey_recipient_expires_at", "survey_recipient", ["expires_at"])
    op.create_table(
        "report_recipient",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("added_by", sa.String(100), nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("removed_at", Moment),
    )
    op.create_index("ix_report_recipient_agency", "report_recipient", ["agency", "removed_at"])
