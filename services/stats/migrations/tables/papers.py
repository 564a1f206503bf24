"""The tables of facts about fees, official papers, messages, apologies and visitors turned away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them."""
    _create_payment()
    _create_refund()
    _create_waiver()
    _create_document()
    _create_message()
    _create_apology()
    _create_declined_filing()


def _create_payment() -> None:
    op.create_table(
        "payment",
        sa.Column("payment", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("obligation", sa.String(100)),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("online", sa.Boolean),
        sa.Column("paid_at", Moment, nullable=False),
    )
    op.create_index("ix_payment_dossier", "payment", ["dossier"])


def _create_refund() -> None:
    op.create_table(
        "refund",
        sa.Column("refund", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("payment", sa.String(100)),
        sa.Column("obligation", sa.String(100)),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("refunded_at", Moment, nullable=False),
    )
    op.create_index("ix_refund_dossier", "refund", ["dossier"])


def _create_waiver() -> None:
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


def _create_document() -> None:
    op.create_table(
        "document",
        sa.Column("number", sa.String(100), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("dossier", sa.String(100), nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
    )
    op.create_index("ix_document_dossier", "document", ["dossier"])


def _create_message() -> None:
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
    op.create_index("ix_message_dossier", "message", ["dossier"])


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
    op.create_index("ix_apology_dossier", "apology", ["dossier"])


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
