"""The first tables of intake."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.initial_tables import create_shared_tables
from shared.persistence.sql import BigId, Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the bus tables and the tables of each slice."""
    create_shared_tables()
    _create_catalogue()
    _create_dossiers()
    _create_applications()
    _create_supplements_and_grants()
    _create_conversations()
    _create_payments()
    _create_documents()
    _create_declined_filings()
    _create_tickets()
    _create_lookup_and_audit()
    _create_results()
    _create_online()
    _create_data_exports()
    _create_appointments()
    _create_kiosk()


def _create_catalogue() -> None:
    op.create_table(
        "procedure",
        sa.Column("code", sa.String(50), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("field", sa.String(50), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("origin", sa.String(10), nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("published_at", Moment, nullable=False),
        sa.Column("published_by", sa.String(200), nullable=False),
        sa.Column("effective_from", sa.Date),
    )
    op.create_index("ix_procedure_revision", "procedure", ["revision"])
    op.create_table(
        "procedure_draft",
        sa.Column("code", sa.String(50), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("based_on", sa.Integer, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "catalogue_revision",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.Integer, nullable=False),
    )


def _create_parties_index(table: str) -> None:
    """Over the few rows with a representative or co-applicants."""
    some = sa.text("parties_index <> ''")
    op.create_index(f"ix_{table}_parties", table, ["parties_index"], sqlite_where=some, postgresql_where=some)


def _create_dossiers() -> None:
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
    _create_parties_index("dossier")
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


def _create_applications() -> None:
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
    _create_parties_index("application")
    op.create_index("ix_application_supplement", "application", ["status", "supplement_until"])
    op.create_table("application_submission", sa.Column("submission", sa.String(100), primary_key=True))


def _create_conversations() -> None:
    op.create_table(
        "conversation_entry",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("refers_to", sa.String(36)),
        sa.Column("audience", sa.String(10), nullable=False),
        sa.Column("happened_at", Moment),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_conversation_entry_dossier", "conversation_entry", ["dossier", "at", "id"])
    op.create_table(
        "conversation_waiting",
        sa.Column("entry", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("asked_by", sa.String(50), nullable=False),
        sa.Column("since", Moment, nullable=False),
    )
    op.create_index("ix_conversation_waiting_agency", "conversation_waiting", ["agency", "since", "entry"])
    op.create_index("ix_conversation_waiting_dossier", "conversation_waiting", ["dossier"])


def _create_supplements_and_grants() -> None:
    op.create_table(
        "recent_filing",
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("filed_at", Moment, nullable=False),
    )
    op.create_index("ix_recent_filing_filed_at", "recent_filing", ["filed_at"])
    op.create_table(
        "applicant_correction",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("corrected_at", Moment, nullable=False),
        sa.Column("corrected_by", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("was", sa.Text, nullable=False),
    )
    op.create_index("ix_applicant_correction_dossier", "applicant_correction", ["dossier", "id"])
    op.create_table(
        "supplement_request",
        sa.Column("task", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("papers", sa.Text, nullable=False),
        sa.Column("requested_at", Moment, nullable=False),
        sa.Column("until", Moment),
        sa.Column("first_until", Moment),
        sa.Column("supplemented_at", Moment),
        sa.Column("note", sa.Text),
        sa.Column("received_by", sa.String(200)),
    )
    op.create_index("ix_supplement_request_dossier", "supplement_request", ["dossier"])
    op.create_table(
        "reappointment",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("extended_at", Moment, primary_key=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("was_due_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("number", sa.String(100), nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
    )
    op.create_table(
        "moved_deadline",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("deadline", sa.String(20), primary_key=True),
        sa.Column("was_at", Moment, primary_key=True),
        sa.Column("moved_to", Moment, nullable=False),
        sa.Column("moved_at", Moment, nullable=False),
    )
    op.create_table(
        "step_grant",
        sa.Column("task", sa.String(100), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("granted_at", Moment),
        sa.Column("revoked_at", Moment),
    )
    op.create_index("ix_step_grant_dossier", "step_grant", ["dossier"])
    still_open = sa.text("revoked_at IS NULL")
    op.create_index(
        "ix_step_grant_open",
        "step_grant",
        ["agency", "dossier"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def _create_payments() -> None:
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


def _create_documents() -> None:
    op.create_table(
        "document",
        sa.Column("number", sa.String(100), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("cause", sa.String(100), nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.Column("issued_by", sa.String(200), nullable=False),
        sa.Column("contents", sa.Text),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("check_code", sa.String(20), nullable=False),
        sa.Column("replaced_at", Moment),
        sa.Column("replaced_by", sa.String(100), nullable=False),
    )
    op.create_index("ix_document_dossier", "document", ["dossier", "issued_at"])
    op.create_table(
        "document_template",
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("sources", sa.Text, nullable=False),
    )
    op.create_table(
        "document_due",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("kind", sa.String(30), primary_key=True),
        sa.Column("cause", sa.String(100), primary_key=True),
        sa.Column("due_from", Moment, nullable=False),
        sa.Column("issued_by", sa.String(200), nullable=False),
    )
    op.create_index("ix_document_due_from", "document_due", ["due_from"])
    op.create_table(
        "document_number",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("kind", sa.String(30), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )


def _create_tickets() -> None:
    op.create_table(
        "ticket_desk",
        sa.Column("desk", sa.String(50), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "ticket_series",
        sa.Column("desk", sa.String(50), primary_key=True),
        sa.Column("letter", sa.String(1), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("visit", sa.String(32), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("group_code", sa.String(30), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("letter", sa.String(1), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("leg", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("state", sa.String(11), nullable=False),
        sa.Column("priority", sa.String(30), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("ahead_from", Moment),
        sa.Column("waits_since", Moment, nullable=False),
        sa.Column("counter", sa.Integer),
        sa.Column("clerk", sa.String(200), nullable=False),
        sa.Column("slot_start", Moment),
        sa.Column("slot_end", Moment),
        sa.Column("issued_at", Moment, nullable=False),
        sa.Column("arrived_at", Moment),
        sa.Column("called_at", Moment),
        sa.Column("recalled_at", Moment),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("serving_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("requeued_at", Moment),
        sa.Column("transferred_from", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.UniqueConstraint("desk", "day", "letter", "number", "leg", name="uq_ticket_number"),
    )
    op.create_index("ix_ticket_state", "ticket", ["desk", "day", "state"])
    op.create_index("ix_ticket_visit", "ticket", ["visit"])
    for name, rows in (("open", "ended_at IS NULL"), ("priority", "priority <> ''")):
        few = sa.text(rows)
        op.create_index(f"ix_ticket_{name}", "ticket", ["day"], sqlite_where=few, postgresql_where=few)
    op.create_table(
        "ticket_dossier",
        sa.Column("ticket_id", sa.String(32), primary_key=True),
        sa.Column("dossier_code", sa.String(100), primary_key=True),
    )
    op.create_table(
        "counter_session",
        sa.Column("desk", sa.String(50), primary_key=True),
        sa.Column("counter", sa.Integer, primary_key=True),
        sa.Column("clerk", sa.String(200), nullable=False),
        sa.Column("state", sa.String(6), nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("ticket_id", sa.String(32)),
        sa.Column("run", sa.Integer, nullable=False),
    )


def _create_declined_filings() -> None:
    op.create_table(
        "declined_filing",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("procedure_version", sa.Integer, nullable=False),
        sa.Column("field", sa.String(50), nullable=False),
        sa.Column("case_code", sa.String(50), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("number", sa.String(100), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("declined_at", Moment, nullable=False),
        sa.Column("declined_by", sa.String(200), nullable=False),
        sa.Column("repeated", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("papers", sa.Text, nullable=False),
        sa.Column("matter", sa.Text, nullable=False),
        sa.Column("applicant_name", sa.Text, nullable=False),
        sa.Column("applicant_search", sa.Text, nullable=False),
        sa.Column("applicant_id_number", sa.Text, nullable=False),
        sa.Column("applicant_id_index", sa.Text, nullable=False),
        sa.Column("applicant_id_kind", sa.String(20), nullable=False),
        sa.Column("applicant_old_id_number", sa.Text, nullable=False),
        sa.Column("applicant_phone", sa.Text, nullable=False),
        sa.Column("applicant_email", sa.Text, nullable=False),
        sa.Column("applicant_address", sa.Text, nullable=False),
        sa.Column("erased_at", Moment),
    )
    op.create_index("ix_declined_filing_agency", "declined_filing", ["agency", "declined_at"])
    op.create_index("ix_declined_filing_applicant", "declined_filing", ["applicant_id_index", "declined_at"])
    op.create_index("ix_declined_filing_erasable", "declined_filing", ["erased_at", "declined_at"])


def _create_lookup_and_audit() -> None:
    op.create_table(
        "lookup_failure",
        sa.Column("of", sa.String(80), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", Moment, nullable=False),
    )
    op.create_index("ix_lookup_failure_since", "lookup_failure", ["since"])
    op.create_table(
        "foreign_access",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("roles", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_foreign_access_dossier", "foreign_access", ["dossier", "subject", "at"])
    op.create_index("ix_foreign_access_at", "foreign_access", ["at"])
    op.create_table(
        "erasure",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("erased_at", Moment, nullable=False),
    )
    op.create_index("ix_erasure_erased_at", "erasure", ["erased_at"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("held_at", Moment, nullable=False),
        sa.Column("held_by", sa.String(200), nullable=False),
        sa.Column("until", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("ended_by", sa.String(200), nullable=False),
    )
    op.create_index("ix_legal_hold_dossier", "legal_hold", ["dossier"])
    op.create_index("ix_legal_hold_agency", "legal_hold", ["agency", "held_at"])


def _create_results() -> None:
    op.create_table(
        "result_hand_over",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("identity", sa.String(20)),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("originals", sa.Text, nullable=False),
        sa.Column("parcel", sa.String(20), nullable=False),
        sa.Column("handed_over_at", Moment, nullable=False),
        sa.Column("handed_over_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "parcel_state",
        sa.Column("dossier", sa.String(100), primary_key=True),
        sa.Column("parcel", sa.String(20), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("contents", sa.String(10), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "one_time_code",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("code_hash", sa.String(100), nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.Column("issued_by", sa.String(200), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
    )
    op.create_table(
        "delivery_choice",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("by_post", sa.Boolean, nullable=False),
        sa.Column("chosen_at", Moment, nullable=False),
    )
    op.create_table(
        "result_file",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("file", sa.String(36), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("paper_too", sa.Boolean, nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.Column("taken_at", Moment),
    )
    op.create_index("ix_result_file_sha256", "result_file", ["sha256"])


def _create_online() -> None:
    op.create_table(
        "citizen_session",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("citizen", sa.Text, nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("used_at", Moment, nullable=False),
    )
    op.create_index("ix_citizen_session_used_at", "citizen_session", ["used_at"])
    op.create_table(
        "online_draft",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("submitted_at", Moment),
    )
    op.create_index("ix_online_draft_owner", "online_draft", ["owner", "changed_at"])
    op.create_index("ix_online_draft_changed_at", "online_draft", ["changed_at"])
    op.create_table(
        "online_consent",
        sa.Column("draft", sa.String(36), primary_key=True),
        sa.Column("person", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("answered_at", Moment),
    )
    op.create_index("ix_online_consent_person", "online_consent", ["person", "asked_at"])
    op.create_table(
        "upload",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("draft", sa.String(36), nullable=False),
        sa.Column("paper", sa.String(50), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.String(30), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
    )
    op.create_index("ix_upload_draft", "upload", ["draft"])
    op.create_table(
        "online_supplement",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("of_application", sa.Boolean, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("papers", sa.Text, nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("sent_at", Moment),
    )
    op.create_index("ix_online_supplement_code", "online_supplement", ["code"])
    op.create_index("ix_online_supplement_changed_at", "online_supplement", ["changed_at"])
    op.create_index("ix_upload_state", "upload", ["state", "changed_at"])


def _create_data_exports() -> None:
    op.create_table(
        "data_export",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("requested_at", Moment, nullable=False),
        sa.Column("kept_until", Moment, nullable=False),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.UniqueConstraint("owner", "number", name="uq_data_export_number"),
    )
    op.create_index("ix_data_export_kept_until", "data_export", ["kept_until"])
    op.create_table(
        "data_export_part",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("export", sa.String(36), nullable=False),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("messages", sa.Text),
        sa.Column("messages_at", Moment),
        sa.Column("rating", sa.Text),
        sa.Column("rating_at", Moment),
    )
    op.create_index("ix_data_export_part_export", "data_export_part", ["export"])
    op.create_index("ix_data_export_part_dossier", "data_export_part", ["dossier"])


def _create_appointments() -> None:
    op.create_table(
        "appointment",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("ticket", sa.String(32), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("group_code", sa.String(30), nullable=False),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("slot_start", Moment, nullable=False),
        sa.Column("slot_end", Moment, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(10), nullable=False),
        sa.Column("moved_from", Moment),
        sa.Column("moves", sa.Integer, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("phone_hash", sa.String(64)),
        sa.Column("phone_place", sa.Integer),
        sa.Column("booked_at", Moment, nullable=False),
        sa.Column("remind_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("erased_at", Moment),
        sa.UniqueConstraint("phone_hash", "phone_place", name="uq_appointment_phone_place"),
    )
    op.create_index("ix_appointment_ticket", "appointment", ["ticket"])
    op.create_index("ix_appointment_slot", "appointment", ["state", "slot_start"])
    op.create_index("ix_appointment_remind_at", "appointment", ["remind_at"])
    op.create_index("ix_appointment_erase", "appointment", ["erased_at", "slot_start"])
    op.create_table(
        "appointment_slot",
        sa.Column("desk", sa.String(50), primary_key=True),
        sa.Column("group_code", sa.String(30), primary_key=True),
        sa.Column("start", Moment, primary_key=True),
        sa.Column("taken", sa.Integer, nullable=False),
    )
    op.create_table(
        "desk_closing",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("start", Moment, nullable=False),
        sa.Column("end", Moment, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("closed_at", Moment, nullable=False),
        sa.Column("closed_by", sa.String(200), nullable=False),
        sa.Column("reopened_at", Moment),
        sa.Column("reopened_by", sa.String(200)),
    )
    op.create_index("ix_desk_closing_desk", "desk_closing", ["desk", "end"])


def _create_kiosk() -> None:
    op.create_table(
        "kiosk",
        sa.Column("desk", sa.String(50), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("token_hash", sa.String(64)),
        sa.Column("paired_at", Moment),
        sa.Column("paired_by", sa.String(200), nullable=False),
        sa.Column("code_hash", sa.String(64)),
        sa.Column("code_until", Moment),
        sa.Column("issued", sa.Integer, nullable=False),
        sa.Column("issued_since", Moment),
    )
    op.create_index("ix_kiosk_token_hash", "kiosk", ["token_hash"], unique=True)
    op.create_index("ix_kiosk_code_hash", "kiosk", ["code_hash"])
