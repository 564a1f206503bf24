"""The tables of facts about ratings, complaints and surveys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them."""
    _create_rating()
    _create_complaint_event()
    _create_survey()


def _create_rating() -> None:
    op.create_table(
        "rating",
        sa.Column("rating", sa.String(100), primary_key=True),
        sa.Column("kind", sa.String(10)),
        sa.Column("dossier", sa.String(100)),
        sa.Column("agency", sa.String(100)),
        sa.Column("procedure", sa.String(50)),
        sa.Column("field", sa.String(100)),
        sa.Column("score", sa.Integer),
        sa.Column("channel", sa.String(10)),
        sa.Column("given_at", Moment),
        sa.Column("corrected_at", Moment),
        sa.Column("corrected_score", sa.Integer),
    )
    op.create_index("ix_rating_dossier", "rating", ["dossier"])


def _create_complaint_event() -> None:
    op.create_table(
        "complaint_event",
        sa.Column("complaint", sa.String(100), primary_key=True),
        sa.Column("happened", sa.String(20), primary_key=True),
        sa.Column("at", Moment, primary_key=True),
        sa.Column("deadline", sa.String(10), primary_key=True),
        sa.Column("escalation", sa.Integer, primary_key=True),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("field", sa.String(100)),
        sa.Column("procedure", sa.String(50)),
        sa.Column("dossier", sa.String(100)),
        sa.Column("due_at", Moment),
        sa.Column("on_time", sa.Boolean),
        sa.Column("repeated", sa.Boolean, nullable=False),
    )
    op.create_index("ix_complaint_event_happened", "complaint_event", ["happened", "at"])
    op.create_index(
        "ix_complaint_event_repeated",
        "complaint_event",
        ["happened", "at"],
        postgresql_where=sa.text("repeated IS true"),
        sqlite_where=sa.text("repeated IS 1"),
    )


def _create_survey() -> None:
    op.create_table(
        "survey",
        sa.Column("survey", sa.String(100), primary_key=True),
        sa.Column("agency", sa.String(100)),
        sa.Column("invited", sa.Integer, nullable=False),
        sa.Column("responses", sa.Integer, nullable=False),
        sa.Column("index_per_mille", sa.Integer),
        sa.Column("closed_at", Moment, nullable=False),
    )
