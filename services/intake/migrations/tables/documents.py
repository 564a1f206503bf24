"""The tables of official papers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "document",
        sa.Column("number", sa.String(100), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("cause", sa.String(100), nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.Column("issued_by", sa.String(200), nullable=False),
        sa.Column("contents", sa.Text),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("check_code", sa.String(20), nullable=False),
        sa.Column("replaced_at", Moment),
        sa.Column("replaced_by", sa.String(100), nullable=False),
    )
    op.create_index("ix_document_dossier", "document", ["dossier", "issued_at"])
    op.create_table(
        "document_template",
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("sources", sa.Text, nullable=False),
    )
    op.create_table(
        "document_due",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("kind", sa.String(30), primary_key=True),
        sa.Column("cause", sa.String(100), primary_key=True),
        sa.Column("due_from", Moment, nullable=False),
        sa.Column("issued_by", sa.String(200), nullable=False),
    )
    op.create_index("ix_document_due_from", "document_due", ["due_from"])
    op.create_table(
        "document_number",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("kind", sa.String(30), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
