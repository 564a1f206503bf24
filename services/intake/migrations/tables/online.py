"""The tables of filing online: sessions, drafts, uploads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "citizen_session",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("citizen", sa.Text, nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("used_at", Moment, nullable=False),
    )
    op.create_index("ix_citizen_session_used_at", "citizen_session", ["used_at"])
    op.create_table(
        "online_draft",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("submitted_at", Moment),
    )
    op.create_index("ix_online_draft_owner", "online_draft", ["owner", "changed_at"])
    op.create_index("ix_online_draft_changed_at", "online_draft", ["changed_at"])
    op.create_table(
        "online_consent",
        sa.Column("draft", sa.String(36), primary_key=True),
        sa.Column("person", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("answered_at", Moment),
    )
    op.create_index("ix_online_consent_person", "online_consent", ["person", "asked_at"])
    op.create_table(
        "upload",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("draft", sa.String(36), nullable=False),
        sa.Column("paper", sa.String(50), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.String(30), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
    )
    op.create_index("ix_upload_draft", "upload", ["draft"])
    op.create_table(
        "online_supplement",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("of_application", sa.Boolean, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("papers", sa.Text, nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("sent_at", Moment),
    )
    op.create_index("ix_online_supplement_code", "online_supplement", ["code"])
    op.create_index("ix_online_supplement_changed_at", "online_supplement", ["changed_at"])
    op.create_index("ix_upload_state", "upload", ["state", "changed_at"])
