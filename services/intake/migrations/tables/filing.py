"""The tables of visitors who were turned away before filing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "declined_filing",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("procedure_version", sa.Integer, nullable=False),
        sa.Column("field", sa.String(50), nullable=False),
        sa.Column("case_code", sa.String(50), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("number", sa.String(100), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("declined_at", Moment, nullable=False),
        sa.Column("declined_by", sa.String(200), nullable=False),
        sa.Column("repeated", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("papers", sa.Text, nullable=False),
        sa.Column("matter", sa.Text, nullable=False),
        sa.Column("applicant_name", sa.Text, nullable=False),
        sa.Column("applicant_search", sa.Text, nullable=False),
        sa.Column("applicant_id_number", sa.Text, nullable=False),
        sa.Column("applicant_id_index", sa.Text, nullable=False),
        sa.Column("applicant_id_kind", sa.String(20), nullable=False),
        sa.Column("applicant_old_id_number", sa.Text, nullable=False),
        sa.Column("applicant_phone", sa.Text, nullable=False),
        sa.Column("applicant_email", sa.Text, nullable=False),
        sa.Column("applicant_address", sa.Text, nullable=False),
        sa.Column("erased_at", Moment),
    )
    op.create_index("ix_declined_filing_agency", "declined_filing", ["agency", "declined_at"])
    op.create_index("ix_declined_filing_applicant", "declined_filing", ["applicant_id_index", "declined_at"])
    op.create_index("ix_declined_filing_erasable", "declined_filing", ["erased_at", "declined_at"])
