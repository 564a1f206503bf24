"""The tables of what changes a received dossier: supplements, corrections, new appointments, and what agencies may read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import BigId, Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "recent_filing",
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("filed_at", Moment, nullable=False),
    )
    op.create_index("ix_recent_filing_filed_at", "recent_filing", ["filed_at"])
    op.create_table(
        "applicant_correction",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("corrected_at", Moment, nullable=False),
        sa.Column("corrected_by", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("was", sa.Text, nullable=False),
    )
    op.create_index("ix_applicant_correction_dossier", "applicant_correction", ["dossier", "id"])
    op.create_table(
        "supplement_request",
        sa.Column("task", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("papers", sa.Text, nullable=False),
        sa.Column("requested_at", Moment, nullable=False),
        sa.Column("until", Moment),
        sa.Column("first_until", Moment),
        sa.Column("supplemented_at", Moment),
        sa.Column("note", sa.Text),
        sa.Column("received_by", sa.String(200)),
    )
    op.create_index("ix_supplement_request_dossier", "supplement_request", ["dossier"])
    op.create_table(
        "reappointment",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("extended_at", Moment, primary_key=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("was_due_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("number", sa.String(100), nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
    )
    op.create_table(
        "moved_deadline",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("deadline", sa.String(20), primary_key=True),
        sa.Column("was_at", Moment, primary_key=True),
        sa.Column("moved_to", Moment, nullable=False),
        sa.Column("moved_at", Moment, nullable=False),
    )
    op.create_table(
        "step_grant",
        sa.Column("task", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("granted_at", Moment),
        sa.Column("revoked_at", Moment),
    )
    op.create_index("ix_step_grant_dossier", "step_grant", ["dossier"])
    still_open = sa.text("revoked_at IS NULL")
    op.create_index(
        "ix_step_grant_open",
        "step_grant",
        ["agency", "dossier"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
