"""The first tables of stats: facts about dossiers, steps, warnings, corrections, payments, waivers, messages, ratings, complaints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.initial_tables import create_shared_tables
from shared.persistence.sql import Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the messaging tables and the tables of facts."""
    create_shared_tables()
    _create_dossier()
    _create_application()
    _create_warnings()
    _create_declined_filing()
    _create_apology()
    _create_ticket()
    _create_ticket_total()
    _create_rating()
    _create_complaint_event()
    _create_survey()
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
    op.create_index("ix_step_completed_at", "step", ["completed_at"])
    op.create_table(
        "payment",
        sa.Column("payment", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("obligation", sa.String(100)),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("paid_at", Moment, nullable=False),
    )
    op.create_index("ix_payment_paid_at", "payment", ["paid_at"])
    op.create_table(
        "refund",
        sa.Column("refund", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("payment", sa.String(100)),
        sa.Column("obligation", sa.String(100)),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("refunded_at", Moment, nullable=False),
    )
    op.create_index("ix_refund_refunded_at", "refund", ["refunded_at"])
    op.create_table(
        "waiver",
        sa.Column("waiver", sa.String(100), primary_key=True),
        sa.Column("category", sa.String(50), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("field", sa.String(100), nullable=False),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
    )
    op.create_index("ix_waiver_day", "waiver", ["day"])
    op.create_table(
        "document",
        sa.Column("number", sa.String(100), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
    )
    op.create_index("ix_document_issued_at", "document", ["issued_at"])
    op.create_table(
        "message",
        sa.Column("message", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("segments", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("state_at", Moment, nullable=False),
    )
    op.create_index("ix_message_at", "message", ["at"])


def _create_apology() -> None:
    op.create_table(
        "apology",
        sa.Column("apology", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("was_due_at", Moment, nullable=False),
        sa.Column("missing_at", Moment),
        sa.Column("missing_on", sa.String(10)),
        sa.Column("reports", sa.Integer),
        sa.Column("number", sa.String(100)),
        sa.Column("signed_at", Moment),
        sa.Column("withdrawn_at", Moment),
        sa.Column("withdrawn_cause", sa.String(20)),
    )
    for column in ("dossier", "signed_at", "missing_at"):
        op.create_index(f"ix_apology_{column}", "apology", [column])


def _create_declined_filing() -> None:
    op.create_table(
        "declined_filing",
        sa.Column("filing", sa.String(100), primary_key=True),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("reason", sa.String(50), nullable=False),
        sa.Column("procedure", sa.String(50)),
        sa.Column("field", sa.String(100)),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("repeated", sa.Boolean, nullable=False),
        sa.Column("declined_at", Moment, nullable=False),
    )
    op.create_index("ix_declined_filing_declined_at", "declined_filing", ["declined_at"])


def _create_ticket() -> None:
    op.create_table(
        "ticket",
        sa.Column("ticket", sa.String(100), primary_key=True),
        sa.Column("desk", sa.String(100), nullable=False),
        sa.Column("group", sa.String(50), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("priority", sa.Boolean, nullable=False),
        sa.Column("issued_at", Moment),
        sa.Column("appointment", sa.Boolean),
        sa.Column("transferred_from", sa.String(100)),
        sa.Column("called_at", Moment),
        sa.Column("called_to", sa.Integer),
        sa.Column("waited", sa.Integer),
        sa.Column("served_at", Moment),
        sa.Column("counter", sa.Integer),
        sa.Column("served", sa.Integer),
        sa.Column("missed_at", Moment),
        sa.Column("missed_cause", sa.String(20)),
        sa.Column("cancelled_at", Moment),
        sa.Column("cancel_cause", sa.String(20)),
    )
    op.create_index("ix_ticket_day", "ticket", ["day", "desk"])


def _create_ticket_total() -> None:
    op.create_table(
        "ticket_total",
        sa.Column("desk", sa.String(100), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("group", sa.String(50), primary_key=True),
        sa.Column("what", sa.String(10), primary_key=True),
        sa.Column("bucket", sa.Integer, primary_key=True),
        sa.Column("tickets", sa.Integer, nullable=False),
    )


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
    for column in ("filed_at", "accepted_at", "refused_at", "closed_at"):
        op.create_index(f"ix_application_{column}", "application", [column])


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
    op.create_index("ix_warning_at", "warning", ["at"])
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
    op.create_index("ix_correction_corrected_at", "correction", ["corrected_at"])


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
        sa.Column("supplemented_at", Moment),
        sa.Column("extended_at", Moment),
        sa.Column("stopped_at", Moment),
        sa.Column("stop_cause", sa.String(20)),
        sa.Column("stopped_on_time", sa.Boolean),
        sa.Column("late_at", Moment),
        sa.Column("returned_at", Moment),
        sa.Column("return_method", sa.String(20)),
        sa.Column("published_at", Moment),
    )
    indexed = ("received_at", "resolved_at", "late_at", "returned_at")
    for column in (*indexed, "supplement_requested_at", "extended_at", "stopped_at"):
        op.create_index(f"ix_dossier_{column}", "dossier", [column])


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
    for column in ("given_at", "dossier"):
        op.create_index(f"ix_rating_{column}", "rating", [column])


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
        sa.Column("due_at", Moment),
        sa.Column("on_time", sa.Boolean),
    )
    op.create_index("ix_complaint_event_happened", "complaint_event", ["happened", "at"])


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
    op.create_index("ix_survey_closed_at", "survey", ["closed_at"])
