"""The tables of facts about dossiers, applications and steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them."""
    _create_dossier()
    _create_application()
    _create_step()
    _create_warnings()


def _create_dossier() -> None:
    op.create_table(
        "dossier",
        sa.Column("code", sa.String(100), primary_key=True),
        sa.Column("agency", sa.String(100)),
        sa.Column("handling_agency", sa.String(100)),
        sa.Column("field", sa.String(100)),
        sa.Column("procedure", sa.String(50)),
        sa.Column("case", sa.String(100)),
        sa.Column("channel", sa.String(20)),
        sa.Column("regulation", sa.String(50)),
        sa.Column("fee", sa.BigInteger),
        sa.Column("received_at", Moment),
        sa.Column("promised_at", Moment),
        sa.Column("due_at", Moment),
        sa.Column("overdue_at", Moment),
        sa.Column("overdue_withdrawn_at", Moment),
        sa.Column("resolved_at", Moment),
        sa.Column("outcome", sa.String(50)),
        sa.Column("on_time", sa.Boolean),
        sa.Column("index_on_time", sa.Boolean),
        sa.Column("early", sa.Boolean),
        sa.Column("supplement_requested_at", Moment),
        sa.Column("supplement_last_requested_at", Moment),
        sa.Column("supplemented_at", Moment),
        sa.Column("extended_at", Moment),
        sa.Column("due_before_extension", Moment),
        sa.Column("clock", sa.Text),
        sa.Column("stopped_at", Moment),
        sa.Column("stop_cause", sa.String(20)),
        sa.Column("stopped_on_time", sa.Boolean),
        sa.Column("late_at", Moment),
        sa.Column("returned_at", Moment),
        sa.Column("return_method", sa.String(20)),
        sa.Column("published_at", Moment),
        sa.Column("digitised", sa.Boolean),
        sa.Column("handling_at", Moment),
        sa.Column("apologised_at", Moment),
        sa.Column("corrected_at", Moment),
        sa.Column("paid_at", Moment),
        sa.Column("rated_at", Moment),
        sa.Column("score", sa.Integer),
        sa.Column("satisfied", sa.Boolean),
        sa.Column("on_saturday", sa.Boolean),
        sa.Column("same_day", sa.Boolean),
        sa.Column("ended_at", Moment, nullable=False),
    )
    listed_by = (
        *("received_at", "resolved_at", "late_at", "returned_at", "supplement_requested_at", "extended_at"),
        *("stopped_at", "published_at", "apologised_at", "corrected_at", "paid_at", "due_at", "ended_at"),
    )
    for column in listed_by:
        given = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_dossier_{column}",
            "dossier",
            ["agency", column, "code"],
            postgresql_where=given,
            sqlite_where=given,
        )
    op.create_index("ix_dossier_procedure", "dossier", ["agency", "procedure", "ended_at", "code"])


def _create_application() -> None:
    op.create_table(
        "application",
        sa.Column("code", sa.String(100), primary_key=True),
        sa.Column("agency", sa.String(100)),
        sa.Column("field", sa.String(100)),
        sa.Column("procedure", sa.String(50)),
        sa.Column("channel", sa.String(20)),
        sa.Column("filed_at", Moment),
        sa.Column("supplement_requested_at", Moment),
        sa.Column("supplemented_at", Moment),
        sa.Column("accepted_at", Moment),
        sa.Column("refused_at", Moment),
        sa.Column("sent_back_at", Moment),
        sa.Column("closed_at", Moment),
        sa.Column("close_cause", sa.String(20)),
        sa.Column("alerted_at", Moment),
        sa.Column("overdue_at", Moment),
    )


def _create_step() -> None:
    op.create_table(
        "step",
        sa.Column("task", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("outcome", sa.String(50), nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.Column("assigned_at", Moment, nullable=False),
        sa.Column("completed_at", Moment, nullable=False),
        sa.Column("on_time", sa.Boolean, nullable=False),
    )
    op.create_index("ix_step_dossier", "step", ["dossier"])


def _create_warnings() -> None:
    op.create_table(
        "warning",
        sa.Column("id", sa.String(300), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("task", sa.String(100)),
        sa.Column("step", sa.String(100)),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("at", Moment, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
    )
    op.create_index("ix_warning_dossier", "warning", ["dossier"])
    op.create_table(
        "correction",
        sa.Column("correction", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("found_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("corrected_at", Moment, nullable=False),
        sa.Column("on_time", sa.Boolean, nullable=False),
    )
