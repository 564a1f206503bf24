"""The tables of complaints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them."""
    _create_cases()


def _create_cases() -> None:
    op.create_table(
        "complaint",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("code", sa.String(80), nullable=False, unique=True),
        sa.Column("register", sa.String(50), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("topic", sa.String(30), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("dossier", sa.String(100)),
        sa.Column("dossier_known", sa.Boolean, nullable=False),
        sa.Column("procedure", sa.String(50)),
        sa.Column("field", sa.String(100)),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("anonymous", sa.Boolean, nullable=False),
        sa.Column("leader_of", sa.String(50)),
        sa.Column("entered_by", sa.String(200)),
        sa.Column("secret_hash", sa.String(100), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("official", sa.String(200)),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("lodged_at", Moment, nullable=False),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("round_at", Moment, nullable=False),
        sa.Column("asked", sa.SmallInteger, nullable=False),
        sa.Column("reject_by", Moment, nullable=False),
        sa.Column("ask_by", Moment, nullable=False),
        sa.Column("answer_by", Moment, nullable=False),
        sa.Column("publish_by", Moment),
        sa.Column("reply_until", Moment),
        sa.Column("due_at", Moment),
        sa.Column("answered_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("escalation", sa.SmallInteger, nullable=False),
        sa.Column("next_check_at", Moment),
        sa.Column("erase_at", Moment),
        sa.Column("erased_at", Moment),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.UniqueConstraint("register", "year", "number", name="uq_complaint_number"),
    )
    op.create_index("ix_complaint_agency", "complaint", ["agency", "state", "due_at", "id"])
    op.create_index("ix_complaint_official", "complaint", ["official", "state"])
    for name, column in (("check", "next_check_at"), ("erase", "erase_at")):
        given = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_complaint_{name}", "complaint", [column, "id"], sqlite_where=given, postgresql_where=given)
    _create_what_happened()


def _create_what_happened() -> None:
    op.create_table(
        "complaint_entry",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("complaint", sa.String(36), sa.ForeignKey("complaint.id"), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("by", sa.String(200)),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("ground", sa.String(30)),
        sa.Column("official", sa.String(200)),
        sa.Column("to_agency", sa.String(50)),
        sa.Column("on_time", sa.Boolean),
        sa.UniqueConstraint("complaint", "sequence", name="uq_complaint_entry_sequence"),
    )
    op.create_table(
        "complaint_wait",
        sa.Column("complaint", sa.String(36), sa.ForeignKey("complaint.id"), primary_key=True),
        sa.Column("round", sa.SmallInteger, primary_key=True),
        sa.Column("number", sa.SmallInteger, primary_key=True),
        sa.Column("begins_at", Moment, nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.Column("ends_at", Moment),
    )
    op.create_table(
        "complaint_answer",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("complaint", sa.String(36), sa.ForeignKey("complaint.id"), nullable=False),
        sa.Column("round", sa.SmallInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("drafted_by", sa.String(200), nullable=False),
        sa.Column("drafted_at", Moment, nullable=False),
        sa.Column("agency", sa.String(50)),
        sa.Column("year", sa.Integer),
        sa.Column("number", sa.Integer),
        sa.Column("approved_by", sa.String(200)),
        sa.Column("approved_at", Moment),
        sa.UniqueConstraint("complaint", "round", name="uq_complaint_answer_round"),
        sa.UniqueConstraint("agency", "year", "number", name="uq_complaint_answer_number"),
    )
    op.create_table(
        "complaint_publication",
        sa.Column("complaint", sa.String(36), sa.ForeignKey("complaint.id"), primary_key=True),
        sa.Column("code", sa.String(80), nullable=False, unique=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("topic", sa.String(30), nullable=False),
        sa.Column("field", sa.String(100)),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("answered_at", Moment, nullable=False),
        sa.Column("published_at", Moment, nullable=False),
        sa.Column("published_by", sa.String(200), nullable=False),
        sa.Column("shown", sa.Boolean, nullable=False),
    )
    op.create_index("ix_complaint_publication_shown", "complaint_publication", ["shown", "published_at", "complaint"])
    op.create_table(
        "complaint_official",
        sa.Column("complaint", sa.String(36), sa.ForeignKey("complaint.id"), primary_key=True),
        sa.Column("official", sa.String(200), primary_key=True),
        sa.Column("named_by", sa.String(200)),
        sa.Column("named_at", Moment, nullable=False),
    )
    op.create_table(
        "complaint_reminder",
        sa.Column("complaint", sa.String(36), sa.ForeignKey("complaint.id"), primary_key=True),
        sa.Column("round", sa.SmallInteger, primary_key=True),
        sa.Column("deadline", sa.String(10), primary_key=True),
        sa.Column("reminder", sa.String(20), primary_key=True),
        sa.Column("sent_at", Moment, nullable=False),
    )
    op.create_table(
        "complaint_number",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "complaint_answer_number",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
