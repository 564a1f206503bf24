"""The tables of filing complaints: their files, the hotline's log, papers of suggestion boxes, wrong tries, and being content."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them."""
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
    op.create_index("ix_upload_state", "upload", ["state", "changed_at"])
    op.create_table(
        "complaint_try",
        sa.Column("of", sa.String(80), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", Moment, nullable=False, index=True),
    )
    op.create_table(
        "complaint_content",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("complaint", sa.String(36), nullable=False, index=True),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("content", sa.Boolean, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("said_at", Moment, nullable=False),
    )
    op.create_table(
        "hotline_call",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("clerk", sa.String(200), nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("complaint", sa.String(80)),
        sa.Column("noted_at", Moment, nullable=False),
        sa.Column("erased_at", Moment),
    )
    op.create_index("ix_hotline_call_agency", "hotline_call", ["agency", "began_at", "id"])
    op.create_index("ix_hotline_call_erased_at", "hotline_call", ["erased_at", "began_at"])
    op.create_table(
        "mailbox_paper",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("year", sa.SmallInteger, primary_key=True),
        sa.Column("number", sa.String(40), primary_key=True),
        sa.Column("complaint", sa.String(36), nullable=False, unique=True),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("entered_by", sa.String(200), nullable=False),
        sa.Column("entered_at", Moment, nullable=False),
    )
    op.create_index("ix_mailbox_paper_agency", "mailbox_paper", ["agency", "entered_at"])
