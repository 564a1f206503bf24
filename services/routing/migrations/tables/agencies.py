"""The tables of agencies' own software: the steps that were sent to it, its keys, and its events over HTTPS."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import BigId, Moment

WAITING_EVENTS = sa.text("state = 'waiting'")
UNANSWERED = sa.text("send_again_at IS NOT NULL")


def create() -> None:
    """Creates the tables."""
    _create_sent_steps()
    _create_agency_keys()
    _create_agency_http()


def _create_sent_steps() -> None:
    op.create_table(
        "sent_step",
        sa.Column("task", sa.String(36), primary_key=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("first_sent_at", Moment, nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("send_again_at", Moment),
        sa.Column("answered_at", Moment),
        sa.Column("answer", sa.String(64)),
        sa.Column("earlier_answer", sa.String(64)),
    )
    op.create_index(
        "ix_sent_step_send_again",
        "sent_step",
        ["send_again_at", "task"],
        sqlite_where=UNANSWERED,
        postgresql_where=UNANSWERED,
    )
    op.create_index("ix_sent_step_answered", "sent_step", ["agency", "answered_at"])


def _create_agency_keys() -> None:
    op.create_table(
        "agency_key",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("used_at", Moment),
        sa.Column("revoked_at", Moment),
        sa.Column("revoked_by", sa.String(200)),
        sa.Column("warned_on", sa.Date),
    )
    op.create_table(
        "agency_key_failure",
        sa.Column("of", sa.String(80), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", Moment, nullable=False),
    )
    op.create_index("ix_agency_key_failure_since", "agency_key_failure", ["since"])


def _create_agency_http() -> None:
    op.create_table(
        "agency_event",
        sa.Column("number", BigId, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String(100), nullable=False, unique=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("task", sa.String(200), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failing_since", Moment),
        sa.Column("next_at", Moment, nullable=False),
        sa.Column("leased_until", Moment),
        sa.Column("ended_at", Moment),
    )
    op.create_index("ix_agency_event_created_at", "agency_event", ["created_at"])
    for name, columns in (
        ("waiting", ["agency", "key", "number"]),
        ("next", ["agency", "number"]),
        ("due", ["next_at", "number"]),
    ):
        op.create_index(
            f"ix_agency_event_{name}",
            "agency_event",
            columns,
            sqlite_where=WAITING_EVENTS,
            postgresql_where=WAITING_EVENTS,
        )
    op.create_table(
        "agency_sequence",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "agency_attempt",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("event", BigId, sa.ForeignKey("agency_event.number"), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.String(50), nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
    )
    op.create_index("ix_agency_attempt_event", "agency_attempt", ["event"])
    op.create_index("ix_agency_attempt_at", "agency_attempt", ["at"])
    op.create_table(
        "agency_subscription",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("old_secret", sa.Text),
        sa.Column("old_secret_until", Moment),
        sa.Column("allow_private", sa.Boolean, nullable=False),
        sa.Column("failing_since", Moment),
        sa.Column("disabled_at", Moment),
        sa.Column("disabled_because", sa.String(20)),
    )
