"""The tables of letters of apology."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import BigId, Moment

DRAFTS = sa.text("state = 'draft'")
CHECKED = sa.text("check_at IS NOT NULL")


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "apology",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(100), sa.ForeignKey("dossier.code"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("lateness", sa.SmallInteger, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("missed_at", Moment, nullable=False),
        sa.Column("cause", sa.String(30), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("new_due_at", Moment),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("drafted_at", Moment, nullable=False),
        sa.Column("reported_on", sa.Date),
        sa.Column("reports", sa.Integer, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("number", sa.Integer),
        sa.Column("signed_at", Moment),
        sa.Column("signed_by", sa.String(200)),
        sa.Column("withdrawn_at", Moment),
        sa.Column("withdrawn_cause", sa.String(20)),
        sa.Column("check_at", Moment),
        sa.UniqueConstraint("dossier", "kind", "lateness", name="uq_apology_lateness"),
        sa.UniqueConstraint("agency", "year", "number", name="uq_apology_number"),
    )
    for name, columns, condition in (
        ("draft", ["agency", "missed_at", "id"], DRAFTS),
        ("check", ["check_at", "id"], CHECKED),
    ):
        op.create_index(f"ix_apology_{name}", "apology", columns, sqlite_where=condition, postgresql_where=condition)
    op.create_table(
        "apology_number",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "apology_report",
        sa.Column("apology", sa.String(36), sa.ForeignKey("apology.id"), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("reported_at", Moment, nullable=False),
    )
    op.create_table(
        "apology_change",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("apology", sa.String(36), sa.ForeignKey("apology.id"), nullable=False),
        sa.Column("was_agency", sa.String(50), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_index("ix_apology_change_apology", "apology_change", ["apology", "id"])
