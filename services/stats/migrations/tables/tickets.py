"""The table of facts about visitors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them."""
    _create_ticket()


def _create_ticket() -> None:
    op.create_table(
        "ticket",
        sa.Column("ticket", sa.String(100), primary_key=True),
        sa.Column("desk", sa.String(100), nullable=False),
        sa.Column("group", sa.String(50), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("priority", sa.Boolean, nullable=False),
        sa.Column("issued_at", Moment),
        sa.Column("appointment", sa.Boolean),
        sa.Column("transferred_from", sa.String(100)),
        sa.Column("called_at", Moment),
        sa.Column("called_to", sa.Integer),
        sa.Column("waited", sa.Integer),
        sa.Column("served_at", Moment),
        sa.Column("counter", sa.Integer),
        sa.Column("served", sa.Integer),
        sa.Column("missed_at", Moment),
        sa.Column("missed_cause", sa.String(20)),
        sa.Column("cancelled_at", Moment),
        sa.Column("cancel_cause", sa.String(20)),
    )
    op.create_index("ix_ticket_day", "ticket", ["day", "desk"])
