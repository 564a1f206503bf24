"""The tables of payments: obligations, the ledger, orders of providers, refunds, transfers to the budget."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import BigId, Moment


def create() -> None:
    """Creates the tables."""
    op.create_table(
        "obligation",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("requested_at", Moment, nullable=False),
        sa.Column("paid_at", Moment),
    )
    op.create_index("ix_obligation_dossier", "obligation", ["dossier"])
    op.create_table(
        "payment",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("obligation", sa.String(100)),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("paid_at", Moment, nullable=False),
        sa.Column("received_by", sa.String(200), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("series", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.UniqueConstraint("desk", "series", "number", name="uq_payment_number"),
    )
    op.create_index("ix_payment_dossier", "payment", ["dossier"])
    op.create_table(
        "receipt_number",
        sa.Column("kind", sa.String(2), primary_key=True),
        sa.Column("desk", sa.String(50), primary_key=True),
        sa.Column("series", sa.String(20), primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
    _create_ledger()
    _create_online_payments()
    _create_refunds()
    _create_fee_transfers()
    _create_day_closings()


def _create_ledger() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(100), nullable=False),
        sa.Column("line", sa.SmallInteger, nullable=False),
        sa.Column("account", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("clerk", sa.String(200), nullable=False),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.UniqueConstraint("kind", "cause", "line", name="uq_ledger_entry_cause"),
    )
    op.create_index("ix_ledger_entry_dossier", "ledger_entry", ["dossier"])
    op.create_index("ix_ledger_entry_drawer", "ledger_entry", ["desk", "clerk", "day"])
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON ledger_entry "
            "FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_refuses_{change.lower()} BEFORE {change} ON ledger_entry "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        )


def _create_online_payments() -> None:
    op.create_table(
        "payment_order",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("reference", sa.String(20), nullable=False, unique=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("obligation", sa.String(100)),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("pay_url", sa.String(2000), nullable=False),
        sa.Column("payment", sa.String(36)),
        sa.Column("polls", sa.Integer, nullable=False),
        sa.Column("next_poll_at", Moment),
    )
    op.create_index("ix_payment_order_dossier", "payment_order", ["dossier"])
    op.create_index("ix_payment_order_next_poll_at", "payment_order", ["next_poll_at"])
    op.create_table(
        "provider_receipt",
        sa.Column("provider", sa.String(20), primary_key=True),
        sa.Column("transaction", sa.String(100), primary_key=True),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("paid_at", Moment, nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("payment", sa.String(36)),
        sa.Column("refund", sa.String(36)),
    )
    op.create_index("ix_provider_receipt_paid_at", "provider_receipt", ["provider", "paid_at"])
    op.create_index("ix_provider_receipt_payment", "provider_receipt", ["payment"])


def _create_day_closings() -> None:
    op.create_table(
        "cash_day",
        sa.Column("desk", sa.String(50), primary_key=True),
        sa.Column("clerk", sa.String(200), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("closed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "day_closing",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("clerk", sa.String(200), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("recorded", sa.BigInteger, nullable=False),
        sa.Column("counted", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("closed_at", Moment, nullable=False),
        sa.UniqueConstraint("desk", "clerk", "day", name="uq_day_closing"),
    )


def _create_refunds() -> None:
    op.create_table(
        "refund",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("payment", sa.String(36)),
        sa.Column("obligation", sa.String(100)),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("requested_at", Moment, nullable=False),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("decided_at", Moment),
        sa.Column("decided_by", sa.String(200)),
        sa.Column("decision", sa.Text),
        sa.Column("paid_at", Moment),
        sa.Column("paid_by", sa.String(200)),
        sa.Column("method", sa.String(10)),
        sa.Column("reference", sa.Text),
        sa.Column("series", sa.String(20)),
        sa.Column("number", sa.Integer),
        sa.Column("handed_to", sa.String(20)),
        sa.Column("transaction", sa.String(100)),
        sa.Column("sendings", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", Moment),
        sa.Column("failure", sa.Text, nullable=False),
    )
    op.create_index("ix_refund_next_attempt_at", "refund", ["next_attempt_at"])
    op.create_index("ix_refund_dossier", "refund", ["dossier"])
    op.create_index("ix_refund_state", "refund", ["state", "desk"])


def _create_fee_transfers() -> None:
    op.create_table(
        "fee_transfer",
        sa.Column("payment", sa.String(36), primary_key=True),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("recipient", sa.String(50), nullable=False),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("paid_at", Moment, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("transferred_at", Moment),
        sa.Column("transferred_by", sa.String(200)),
        sa.Column("reference", sa.String(200)),
        sa.Column("transferred", sa.BigInteger),
    )
    op.create_table(
        "fee_waiver",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("fee", sa.BigInteger, nullable=False),
        sa.Column("waived", sa.BigInteger, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("decided_at", Moment),
        sa.Column("decided_by", sa.String(200)),
        sa.Column("reason", sa.Text),
        sa.Column("seen", sa.String(10)),
    )
    op.create_index("ix_fee_waiver_dossier", "fee_waiver", ["dossier"])
    op.create_index("ix_fee_waiver_state", "fee_waiver", ["state", "desk", "asked_at"])
    op.create_index("ix_fee_transfer_desk", "fee_transfer", ["desk", "transferred_at"])
    op.create_index("ix_fee_transfer_due_at", "fee_transfer", ["transferred_at", "due_at"])
    op.create_table(
        "statement_line",
        sa.Column("provider", sa.String(20), primary_key=True),
        sa.Column("transaction", sa.String(100), primary_key=True),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("paid_at", Moment, nullable=False),
        sa.Column("imported_at", Moment, nullable=False),
        sa.Column("imported_by", sa.String(200), nullable=False),
    )
    op.create_index("ix_statement_line_paid_at", "statement_line", ["provider", "paid_at"])
