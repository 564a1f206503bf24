"""The tables of applications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment

SCHEDULED = sa.text("next_check_at IS NOT NULL")


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "application",
        sa.Column("code", sa.String(100), primary_key=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("regulation", sa.String(50), nullable=False),
        sa.Column("filed_at", Moment, nullable=False),
        sa.Column("waiting_since", Moment, nullable=False),
        sa.Column("supplement_requested_at", Moment),
        sa.Column("supplemented_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("alerted_at", Moment),
        sa.Column("overdue_at", Moment),
        sa.Column("escalation", sa.SmallInteger, nullable=False),
        sa.Column("next_check_at", Moment),
    )
    for name, columns in (("agency", ["agency"]), ("next_check", ["next_check_at", "code"])):
        op.create_index(
            f"ix_application_{name}", "application", columns, sqlite_where=SCHEDULED, postgresql_where=SCHEDULED
        )
