"""The tables of rankings and of yearly assessments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them."""
    _create_rankings()
    _create_assessments()


def _create_rankings() -> None:
    op.create_table(
        "ranking_paper",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("period", sa.String(8), nullable=False),
        sa.Column("period_kind", sa.String(8), nullable=False),
        sa.Column("begins_at", Moment, nullable=False),
        sa.Column("ends_before", Moment, nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("replaces", sa.String(36), sa.ForeignKey("ranking_paper.id")),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("drawn_up_at", Moment, nullable=False),
        sa.Column("checked_at", Moment, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("number", sa.Integer),
        sa.Column("issued_at", Moment),
        sa.Column("issued_by", sa.String(100)),
        sa.UniqueConstraint("agency", "kind", "period", "version", name="uq_ranking_paper_version"),
        sa.UniqueConstraint("agency", "year", "number", name="uq_ranking_paper_number"),
    )
    op.create_index("ix_ranking_paper_list", "ranking_paper", ["agency", "ends_before", "id"])
    op.create_index("ix_ranking_paper_kind", "ranking_paper", ["kind", "state", "ends_before"])
    op.create_index("ix_ranking_paper_replaces", "ranking_paper", ["replaces"])
    _create_counter("ranking_number")
    op.create_table(
        "ranking_place",
        sa.Column("official", sa.String(100), primary_key=True),
        sa.Column("paper", sa.String(36), sa.ForeignKey("ranking_paper.id"), primary_key=True),
    )
    op.create_table(
        "ranking_count",
        sa.Column("period", sa.String(8), primary_key=True),
        sa.Column("counted_on", sa.Date, nullable=False),
    )


def _create_assessments() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("official", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("home_agency", sa.String(100), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("remark", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("shown_at", Moment),
        sa.Column("comment_until", Moment),
        sa.Column("commented_at", Moment),
        sa.Column("number_year", sa.Integer),
        sa.Column("number", sa.Integer),
        sa.Column("sent_at", Moment),
        sa.Column("signed_by", sa.String(100)),
        sa.Column("acknowledged_at", Moment),
        sa.Column("acknowledged_by", sa.String(100)),
        sa.UniqueConstraint("official", "agency", "year", name="uq_assessment_official"),
        sa.UniqueConstraint("agency", "number_year", "number", name="uq_assessment_number"),
    )
    op.create_index("ix_assessment_agency", "assessment", ["agency", "year", "id"])
    op.create_index("ix_assessment_home", "assessment", ["home_agency", "year", "id"])
    _create_counter("assessment_number")
    op.create_table(
        "assessment_entry",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("assessment", sa.String(36), sa.ForeignKey("assessment.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("action", sa.String(12), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.UniqueConstraint("assessment", "revision", name="uq_assessment_entry_revision"),
    )
    op.create_table(
        "assessment_finding",
        sa.Column("complaint", sa.String(36), primary_key=True),
        sa.Column("official", sa.String(100), primary_key=True),
        sa.Column("found_by", sa.String(100), nullable=False),
        sa.Column("found_at", Moment, nullable=False),
    )


def _create_counter(name: str) -> None:
    op.create_table(
        name,
        sa.Column("agency", sa.String(100), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
