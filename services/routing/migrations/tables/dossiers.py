"""The tables of dossiers, their procedures, steps and intervals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import BigId, Moment

OPEN = sa.text("state IN ('open', 'awaiting_payment', 'awaiting_sub', 'awaiting_supplement')")
SCHEDULED = sa.text("next_check_at IS NOT NULL")
ESCALATED = sa.text("escalation > 0 AND state IN ('open', 'awaiting_payment', 'awaiting_sub', 'awaiting_supplement')")
OVERDUE = sa.text("overdue_at IS NOT NULL AND state IN ('active', 'supplement')")
REFUSED = sa.text("refused_at IS NOT NULL")
LATE = sa.text("on_time IS NOT NULL AND NOT on_time")


def create() -> None:
    """Creates the tables."""
    _create_dossiers()
    _create_tasks()


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
        sa.Column("root", sa.String(100), nullable=False),
        sa.Column("parent_task", sa.String(36)),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("case", sa.String(100), nullable=False),
        sa.Column("chosen", sa.Text, nullable=False),
        sa.Column("field", sa.String(50), nullable=False),
        sa.Column("receiving_agency", sa.String(50), nullable=False),
        sa.Column("handling_agency", sa.String(50), nullable=False),
        sa.Column("regulation", sa.String(50), nullable=False),
        sa.Column("remote", sa.Boolean, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("promised_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("index_due_at", Moment, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("supplements", sa.SmallInteger, nullable=False),
        sa.Column("supplement_until", Moment),
        sa.Column("extended_at", Moment),
        sa.Column("extended_from", Moment),
        sa.Column("extended_to", Moment),
        sa.Column("extended_by", sa.String(200)),
        sa.Column("moved_at", Moment),
        sa.Column("moved_to", Moment),
        sa.Column("promise_moved_to", Moment),
        sa.Column("due_soon_at", Moment),
        sa.Column("overdue_at", Moment),
        sa.Column("escalation", sa.SmallInteger, nullable=False),
        sa.Column("next_check_at", Moment),
        sa.Column("outcome", sa.String(50)),
        sa.Column("resolved_at", Moment),
        sa.Column("on_time", sa.Boolean),
        sa.Column("index_on_time", sa.Boolean),
        sa.Column("returned_at", Moment),
        sa.Column("stopped_at", Moment),
        sa.Column("stop_cause", sa.String(20)),
        sa.Column("stopped_by", sa.String(200)),
        sa.Column("control_sheet_entries", sa.Integer, nullable=False),
        sa.Column("control_sheet_hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["procedure", "version"], ["procedure_version.code", "procedure_version.version"]),
    )
    op.create_index(
        "ix_dossier_next_check",
        "dossier",
        ["next_check_at", "code"],
        sqlite_where=SCHEDULED,
        postgresql_where=SCHEDULED,
    )
    op.create_index(
        "ix_dossier_overdue", "dossier", ["handling_agency", "field"], sqlite_where=OVERDUE, postgresql_where=OVERDUE
    )
    op.create_index("ix_dossier_root", "dossier", ["root"])
    op.create_table(
        "clock_interval",
        sa.Column("dossier", sa.String(100), sa.ForeignKey("dossier.code"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("begins_at", Moment, nullable=False),
        sa.Column("ends_at", Moment),
    )


def _create_tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(100), sa.ForeignKey("dossier.code"), nullable=False),
        sa.Column("root", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("official_role", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.Column("from_agency", sa.String(50), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("assigned_at", Moment, nullable=False),
        sa.Column("receipt_due_at", Moment),
        sa.Column("accepted_at", Moment),
        sa.Column("accepted_by", sa.String(255)),
        sa.Column("official", sa.String(200)),
        sa.Column("wait_until", Moment),
        sa.Column("due_at", Moment),
        sa.Column("completed_at", Moment),
        sa.Column("completed_by", sa.String(255)),
        sa.Column("outcome", sa.String(50)),
        sa.Column("note", sa.Text),
        sa.Column("on_time", sa.Boolean),
        sa.Column("obligation", sa.String(36), unique=True),
        sa.Column("amount", sa.BigInteger),
        sa.Column("payment", sa.String(100)),
        sa.Column("sub", sa.String(100)),
        sa.Column("lapsed_at", Moment),
        sa.Column("refused_at", Moment),
        sa.Column("refusal", sa.Text),
        sa.Column("due_soon_at", Moment),
        sa.Column("overdue_at", Moment),
        sa.Column("escalation", sa.SmallInteger, nullable=False),
        sa.Column("next_check_at", Moment),
    )
    op.create_index("ix_task_dossier", "task", ["dossier", "id"])
    op.create_index("ix_task_escalated", "task", ["due_at", "id"], sqlite_where=ESCALATED, postgresql_where=ESCALATED)
    op.create_index(
        "ix_task_next_check", "task", ["next_check_at", "id"], sqlite_where=SCHEDULED, postgresql_where=SCHEDULED
    )
    op.create_index("ix_task_official", "task", ["official", "due_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_task_queue", "task", ["agency", "due_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_task_late", "task", ["id"], sqlite_where=LATE, postgresql_where=LATE)
    op.create_index(
        "ix_task_refused",
        "task",
        ["from_agency", "due_at", "id"],
        sqlite_where=REFUSED,
        postgresql_where=REFUSED,
    )
    op.create_index("ix_task_root", "task", ["root", "id"])
    op.create_table(
        "task_note",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("task", sa.String(36), sa.ForeignKey("task.id"), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_task_note_task", "task_note", ["task", "id"])
    op.create_table(
        "handover",
        sa.Column("dossier", sa.String(100), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("task", sa.String(36), nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("from_agency", sa.String(50), nullable=False),
        sa.Column("to_agency", sa.String(50), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("result", sa.String(10), nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
