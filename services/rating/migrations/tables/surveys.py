"""The tables of surveys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them: campaigns, who is asked, and what was answered."""
    _create_campaigns()
    _create_invitations()
    _create_answers()


def _create_campaigns() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organiser", sa.String(100), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("opens_on", sa.Date, nullable=False),
        sa.Column("closes_on", sa.Date, nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("questions", sa.JSON, nullable=False),
        sa.Column("template", sa.String(100), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("opened_at", Moment),
        sa.Column("opened_by", sa.String(200)),
        sa.Column("scope", sa.JSON),
        sa.Column("seed", sa.String(32)),
        sa.Column("frame_digest", sa.String(64)),
        sa.Column("closed_at", Moment),
        sa.Column("closed_by", sa.String(200)),
        sa.Column("results", sa.JSON),
        sa.Column("published_at", Moment),
        sa.Column("published_by", sa.String(200)),
    )
    op.create_index("ix_survey_organiser", "survey", ["organiser", "created_at"])
    op.create_index("ix_survey_state", "survey", ["state", "closes_on"])
    op.create_table(
        "survey_stratum",
        sa.Column("survey", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("vi", sa.String(200), nullable=False),
        sa.Column("en", sa.String(200), nullable=False),
        sa.Column("population", sa.Integer, nullable=False),
        sa.Column("quota", sa.Integer, nullable=False),
    )


def _create_invitations() -> None:
    op.create_table(
        "survey_invitation",
        sa.Column("survey", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(100), primary_key=True),
        sa.Column("stratum", sa.Integer, nullable=False),
        sa.Column("token_hash", sa.String(64), unique=True),
        sa.Column("reminder_hash", sa.String(64), unique=True),
        sa.Column("invited_at", Moment),
        sa.Column("reminded_at", Moment),
        sa.Column("used", sa.Boolean, nullable=False),
    )
    op.create_index("ix_survey_invitation_dossier", "survey_invitation", ["dossier"])


def _create_answers() -> None:
    op.create_table(
        "survey_answer",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("survey", sa.String(36), nullable=False),
        sa.Column("stratum", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("answered_on", sa.Date, nullable=False),
        sa.Column("values", sa.JSON, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_survey_answer_survey", "survey_answer", ["survey"])
    op.create_table(
        "survey_text",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("survey", sa.String(36), nullable=False),
        sa.Column("question", sa.String(30), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_survey_text_survey", "survey_text", ["survey"])
    op.create_table(
        "survey_paper",
        sa.Column("survey", sa.String(36), primary_key=True),
        sa.Column("number", sa.String(30), primary_key=True),
        sa.Column("entered_on", sa.Date, nullable=False),
        sa.Column("entered_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "survey_form",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("survey", sa.String(36), nullable=False),
    )
    op.create_table(
        "survey_flood",
        sa.Column("of", sa.String(80), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", Moment, nullable=False, index=True),
    )
