"""The bus tables as each service's first migration creates them. After a release, change them only by a new migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import BigId, Moment


def create_shared_tables() -> None:
    """Creates the tables of `shared.messaging.tables`, the register of data keys and the audit of reading."""
    op.create_table(
        "outbox",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String(100), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("topic", sa.String(250), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sqlite_autoincrement=True,
    )
    _create_published_events()
    op.create_table(
        "outbox_sequence",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "epoch",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("witness", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("announced", sa.Boolean, nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("source", sa.String(200), primary_key=True),
        sa.Column("event_id", sa.String(100), primary_key=True),
        sa.Column("applied_at", Moment, nullable=False),
        sa.Column("content", sa.String(32)),
    )
    op.create_index("ix_inbox_applied_at", "inbox", ["applied_at"])
    _create_retry_queue()
    op.create_table(
        "queue_generation",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("partitions", sa.Integer, nullable=False),
        sa.Column("drained", sa.Boolean, nullable=False),
        sa.Column("routed", sa.Boolean, nullable=False),
        sa.Column("requested_at", Moment, nullable=False),
    )
    op.create_table(
        "poison_message",
        sa.Column("event_id", sa.String(100), primary_key=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("scope", sa.String(200), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"])
    op.create_table(
        "data_key",
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("check_text", sa.Text, nullable=False),
        sa.Column("first_used_at", Moment, nullable=False),
    )
    _create_reading_audit()


def _create_published_events() -> None:
    op.create_table(
        "published_event",
        sa.Column("position", BigId, primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.String(100), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("topic", sa.String(250), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("published_at", Moment, nullable=False),
    )
    op.create_index("ix_published_event_published_at", "published_event", ["published_at"], postgresql_using="brin")
    op.create_table(
        "published_batch",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("published_at", Moment, nullable=False),
        sa.Column("positions", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "delivery_window",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("subscriber", sa.String(50), nullable=False),
        sa.Column("published_at", Moment, nullable=False),
        sa.Column("positions", sa.Text, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("missing", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", Moment, nullable=False),
    )
    op.create_index("ix_delivery_window_subscriber", "delivery_window", ["subscriber", "published_at"])


def _create_retry_queue() -> None:
    op.create_table(
        "retry_queue",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("event_id", sa.String(100), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(15), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("queued_at", Moment, nullable=False),
        sa.Column("next_attempt_at", Moment, nullable=False),
        sa.UniqueConstraint("source", "event_id", name="uq_retry_queue_source_event_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_retry_queue_key", "retry_queue", ["key", "id"])
    op.create_index("ix_retry_queue_due", "retry_queue", ["state", "next_attempt_at"])


def _create_reading_audit() -> None:
    op.create_table(
        "reading_audit",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("roles", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("action", sa.String(30), nullable=False),
        sa.Column("record", sa.String(200), nullable=False),
    )
    op.create_index("ix_reading_audit_record", "reading_audit", ["record", "at"])
    op.create_index("ix_reading_audit_subject", "reading_audit", ["subject", "at"])
