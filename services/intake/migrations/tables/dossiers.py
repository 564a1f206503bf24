"""The tables of dossiers and their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.intake.migrations.tables.parties import create_parties_index
from shared.persistence.sql import BigId, Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "dossier",
        sa.Column("code", sa.String(60), primary_key=True),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("procedure_version", sa.Integer, nullable=False),
        sa.Column("case_code", sa.String(50), nullable=False),
        sa.Column("chosen", sa.Text, nullable=False),
        sa.Column("field", sa.String(50), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("remote", sa.Boolean, nullable=False),
        sa.Column("receiving_agency", sa.String(50), nullable=False),
        sa.Column("regulation", sa.String(50), nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("promised_at", Moment, nullable=False),
        sa.Column("explanation", sa.Text, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("due_changed_at", Moment),
        sa.Column("clock_changed_at", Moment),
        sa.Column("place_agency", sa.String(50), nullable=False),
        sa.Column("place_step", sa.Text, nullable=False),
        sa.Column("place_due_at", Moment),
        sa.Column("place_since", Moment),
        sa.Column("fee", sa.BigInteger, nullable=False),
        sa.Column("fee_items", sa.Text, nullable=False),
        sa.Column("fee_paid_at", Moment),
        sa.Column("resolved_at", Moment),
        sa.Column("outcome", sa.String(50)),
        sa.Column("result_notified_at", Moment),
        sa.Column("result_notified_by", sa.String(200)),
        sa.Column("returned_at", Moment),
        sa.Column("supplemented_at", Moment),
        sa.Column("withdrawn_at", Moment),
        sa.Column("withdrawal_reason", sa.Text),
        sa.Column("stopped_at", Moment),
        sa.Column("stop_cause", sa.String(20)),
        sa.Column("stop_reason", sa.Text),
        sa.Column("refusal_agency", sa.String(50)),
        sa.Column("refusal_document", sa.Text),
        sa.Column("refusal_reason", sa.Text),
        sa.Column("papers", sa.Text, nullable=False),
        sa.Column("applicant_name", sa.Text, nullable=False),
        sa.Column("applicant_search", sa.Text, nullable=False),
        sa.Column("applicant_id_number", sa.Text, nullable=False),
        sa.Column("applicant_id_index", sa.Text, nullable=False),
        sa.Column("applicant_id_kind", sa.String(20), nullable=False),
        sa.Column("applicant_phone", sa.Text, nullable=False),
        sa.Column("applicant_email", sa.Text, nullable=False),
        sa.Column("applicant_address", sa.Text, nullable=False),
        sa.Column("applicant_birth_date", sa.Text, nullable=False),
        sa.Column("applicant_sex", sa.Text, nullable=False),
        sa.Column("applicant_old_id_number", sa.Text, nullable=False),
        sa.Column("applicant_preferences", sa.Text),
        sa.Column("parties", sa.Text, nullable=False),
        sa.Column("parties_index", sa.Text, nullable=False),
        sa.Column("originals_kept", sa.SmallInteger, nullable=False),
        sa.Column("receiver_name", sa.Text),
        sa.Column("return_note", sa.Text),
        sa.Column("received_by", sa.String(200), nullable=False),
        sa.Column("secret_hash", sa.String(100), nullable=False),
        sa.Column("record_id", sa.String(24), nullable=False),
    )
    op.create_index("ix_dossier_worklist", "dossier", ["receiving_agency", "state", "received_at", "code"])
    op.create_index("ix_dossier_applicant", "dossier", ["applicant_id_index", "received_at"])
    create_parties_index("dossier")
    op.create_table(
        "dossier_number",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "transition",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_index("ix_transition_dossier", "transition", ["dossier", "id"])
