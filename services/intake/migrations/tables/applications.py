"""The tables of applications, which are not yet received."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.intake.migrations.tables.parties import create_parties_index
from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "application",
        sa.Column("code", sa.String(60), primary_key=True),
        sa.Column("submission", sa.String(100), nullable=False, unique=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("procedure_version", sa.Integer, nullable=False),
        sa.Column("case_code", sa.String(50), nullable=False),
        sa.Column("chosen", sa.Text, nullable=False),
        sa.Column("field", sa.String(50), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("remote", sa.Boolean, nullable=False),
        sa.Column("receiving_agency", sa.String(50), nullable=False),
        sa.Column("regulation", sa.String(50), nullable=False),
        sa.Column("filed_at", Moment, nullable=False),
        sa.Column("answer_from", Moment, nullable=False),
        sa.Column("fee", sa.BigInteger, nullable=False),
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
        sa.Column("submitter", sa.String(64), nullable=False),
        sa.Column("delivery", sa.String(10), nullable=False),
        sa.Column("delivery_address", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("supplement_requested_at", Moment),
        sa.Column("supplement_until", Moment),
        sa.Column("supplement_papers", sa.Text, nullable=False),
        sa.Column("supplement_reason", sa.Text, nullable=False),
        sa.Column("supplement_by", sa.String(200), nullable=False),
        sa.Column("supplemented_at", Moment),
        sa.Column("supplement_channel", sa.String(10), nullable=False),
        sa.Column("decided_at", Moment),
        sa.Column("decided_by", sa.String(200), nullable=False),
        sa.Column("refusal_reason", sa.Text, nullable=False),
        sa.Column("withdrawal_reason", sa.Text, nullable=False),
        sa.Column("parcel_number", sa.String(40), nullable=False),
        sa.Column("parcel_sender", sa.Text, nullable=False),
        sa.Column("return_parcel", sa.String(40), nullable=False),
        sa.Column("registered_by", sa.String(200), nullable=False),
        sa.Column("secret_hash", sa.String(100), nullable=False),
    )
    op.create_index("ix_application_waiting", "application", ["receiving_agency", "status", "answer_from", "code"])
    op.create_index("ix_application_applicant", "application", ["applicant_id_index", "filed_at"])
    create_parties_index("application")
    op.create_index("ix_application_supplement", "application", ["status", "supplement_until"])
    op.create_table("application_submission", sa.Column("submission", sa.String(100), primary_key=True))
