"""The tables of reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the reports, what was done with them, their numbers, and those that are due."""
    op.create_table(
        "report",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("replaces", sa.String(36), sa.ForeignKey("report.id")),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("counted_at", Moment, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("number", sa.Integer),
        sa.Column("signed_at", Moment),
        sa.Column("signed_by", sa.String(100)),
        sa.Column("published_at", Moment),
        sa.Column("file_key", sa.String(100)),
        sa.Column("file_sha256", sa.String(64)),
        sa.UniqueConstraint("agency", "kind", "period", "version", name="uq_report_version"),
        sa.UniqueConstraint("agency", "year", "number", name="uq_report_number"),
    )
    op.create_index("ix_report_list", "report", ["last", "id"])
    op.create_index("ix_report_agency", "report", ["agency", "last", "id"])
    op.create_index("ix_report_state", "report", ["state", "last", "id"])
    op.create_index("ix_report_replaces", "report", ["replaces"])
    op.create_table(
        "report_entry",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("report", sa.String(36), sa.ForeignKey("report.id"), nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_index("ix_report_entry_report", "report_entry", ["report", "at"])
    op.create_table(
        "report_number",
        sa.Column("agency", sa.String(100), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "report_due",
        sa.Column("agency", sa.String(100), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("first", sa.Date, primary_key=True),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("done_at", Moment),
    )
    op.create_index("ix_report_due_open", "report_due", ["done_at", "due_at"])
