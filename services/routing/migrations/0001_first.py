"""The first tables of routing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.migrations.bus import create_bus_tables
from shared.sql import BigId, Moment

revision = "0001"
down_revision = None

OVERDUE_CANDIDATES = sa.text("state = 'active' AND NOT paused AND overdue_at IS NULL")


def upgrade() -> None:
    """Creates the bus tables, the published procedures, dossiers with their clock, steps, and the audit of reads."""
    create_bus_tables()
    _create_dossiers()
    _create_tasks()
    op.create_table(
        "clock_interval",
        sa.Column("dossier", sa.String(100), sa.ForeignKey("dossier.code"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("begins_at", Moment, nullable=False),
        sa.Column("ends_at", Moment),
    )
    op.create_table(
        "audit",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("record", sa.String(200), nullable=False),
    )
    op.create_index("ix_audit_record", "audit", ["record", "id"])


def _create_dossiers() -> None:
    op.create_table(
        "procedure_version",
        sa.Column("code", sa.String(50), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
    )
    op.create_table(
        "dossier",
        sa.Column("code", sa.String(100), primary_key=True),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("case", sa.String(100), nullable=False),
        sa.Column("field", sa.String(50), nullable=False),
        sa.Column("receiving_agency", sa.String(50), nullable=False),
        sa.Column("handling_agency", sa.String(50), nullable=False),
        sa.Column("regulation", sa.String(50), nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("promised_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("overdue_at", Moment),
        sa.Column("outcome", sa.String(50)),
        sa.Column("resolved_at", Moment),
        sa.Column("on_time", sa.Boolean),
        sa.Column("returned_at", Moment),
        sa.ForeignKeyConstraint(["procedure", "version"], ["procedure_version.code", "procedure_version.version"]),
    )
    op.create_index(
        "ix_dossier_overdue",
        "dossier",
        ["due_at", "code"],
        sqlite_where=OVERDUE_CANDIDATES,
        postgresql_where=OVERDUE_CANDIDATES,
    )


def _create_tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(100), sa.ForeignKey("dossier.code"), nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("official_role", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.Column("assigned_at", Moment, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("completed_at", Moment),
        sa.Column("completed_by", sa.String(200)),
        sa.Column("outcome", sa.String(50)),
        sa.Column("note", sa.Text),
        sa.Column("on_time", sa.Boolean),
        sa.Column("obligation", sa.String(36), unique=True),
        sa.Column("amount", sa.BigInteger),
    )
    op.create_index("ix_task_dossier", "task", ["dossier", "id"])
    op.create_index("ix_task_agency", "task", ["agency", "state", "id"])
