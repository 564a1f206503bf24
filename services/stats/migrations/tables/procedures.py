"""The table of procedures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def create() -> None:
    """Creates the table."""
    op.create_table(
        "procedure_version",
        sa.Column("procedure", sa.String(50), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("levels", sa.String(100), nullable=False),
        sa.Column("in_force_from", sa.Date, nullable=False),
        sa.Column("shortened", sa.Text, nullable=False),
    )
    op.create_index("ix_procedure_version_in_force_from", "procedure_version", ["in_force_from"])
