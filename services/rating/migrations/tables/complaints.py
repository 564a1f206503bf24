"""The tables of complaints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them."""
    op.create_table(
        "complaint_sms",
        sa.Column("message", sa.String(100), primary_key=True),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("complaint", sa.String(100)),
    )
    op.create_index("ix_complaint_sms_received_at", "complaint_sms", ["received_at"])
