"""The tables of intake."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, MetaData, SmallInteger, String, Table, Text

from shared.persistence.sql import BigId, Moment

metadata = MetaData()

procedures = Table(
    "procedure",  # every version ever published; rows are never changed or deleted
    metadata,
    Column("code", String(50), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("revision", Integer, nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("field", String(50), nullable=False),
    Column("name", Text, nullable=False),
    Column("origin", String(10), nullable=False),
    Column("definition", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
)

catalogue_revision = Table(
    "catalogue_revision",  # one row; who publishes holds it, so versions are numbered one after the other
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
)

dossiers = Table(
    "dossier",
    metadata,
    Column("code", String(60), primary_key=True),
    Column("state", SmallInteger, nullable=False),
    Column("procedure", String(50), nullable=False),
    Column("procedure_version", Integer, nullable=False),
    Column("case_code", String(50), nullable=False),
    Column("chosen", Text, nullable=False),  # JSON: codes of the linked procedures
    Column("field", String(50), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("remote", Boolean, nullable=False),
    Column("receiving_agency", String(50), nullable=False),
    Column("regulation", String(50), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("promised_at", Moment, nullable=False),
    Column("explanation", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("due_changed_at", Moment),  # of the newest due time applied, so that an older one changes nothing
    Column("clock_changed_at", Moment),  # likewise of the newest pause or resumption
    Column("place_agency", String(50), nullable=False),
    Column("place_step", Text, nullable=False),
    Column("place_due_at", Moment),
    Column("place_since", Moment),  # of the newest step applied, by routing's clock
    Column("fee", BigInteger, nullable=False),
    Column("fee_items", Text, nullable=False),
    Column("fee_paid_at", Moment),
    Column("resolved_at", Moment),
    Column("outcome", String(50)),
    Column(
        "result_told_at", Moment
    ),  # when the citizen was first told that the result is there (NĐ 118/2025, article 22.5)
    Column("result_told_by", String(200)),  # the clerk who told him at the handing over, if one did
    Column("returned_at", Moment),
    Column("supplemented_at", Moment),  # when the citizen last handed in what was asked for
    Column("withdrawn_at", Moment),
    Column("withdrawal_reason", Text),
    Column("stopped_at", Moment),
    Column("stop_cause", String(20)),
    Column("stop_reason", Text),
    Column("papers", Text, nullable=False),
    Column("applicant_name", Text, nullable=False),
    Column("applicant_id_number", String(13), nullable=False),
    Column("applicant_phone", String(15), nullable=False),
    Column("applicant_email", String(254), nullable=False),
    Column("applicant_address", Text, nullable=False),
    Column("receiver_name", Text),
    Column("return_note", Text),
    Column("received_by", String(200), nullable=False),
    Column("secret_hash", String(100), nullable=False),
    Index("ix_dossier_worklist", "receiving_agency", "state", "received_at", "code"),
)

numbers = Table(
    "dossier_number",  # the last number given out by an agency on a day
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)

transitions = Table(
    "transition",  # every change of state after receipt (NĐ 118/2025, articles 21.3 and 27.2d)
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("dossier", String(60), nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_transition_dossier", "dossier", "id"),
)

supplement_requests = Table(
    "supplement_request",  # what an agency asks the citizen for, through the desk (NĐ 118/2025, article 19.5)
    metadata,
    Column("task", String(100), primary_key=True),
    Column("dossier", String(60), nullable=False, index=True),
    Column("agency", String(50), nullable=False),
    Column("reason", Text, nullable=False),
    Column("papers", Text, nullable=False),  # JSON: texts
    Column("requested_at", Moment, nullable=False),
    Column("until", Moment),  # None: the regulation knows no end of the wait
    Column("supplemented_at", Moment),
    Column("note", Text),  # the clerk's, at the supplement
    Column("received_by", String(200)),
)

reappointments = Table(
    "reappointment",  # an apology and a new promised time (NĐ 118/2025, article 19.6)
    metadata,
    Column("dossier", String(60), primary_key=True),
    Column("extended_at", Moment, primary_key=True),
    Column("agency", String(50), nullable=False),
    Column("reason", Text, nullable=False),
    Column("was_due_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
)

step_access = Table(
    "step_access",  # since when a step is an agency's, and until when it was: only then may its service read the papers
    metadata,
    Column("task", String(100), primary_key=True),
    Column("dossier", String(60), nullable=False, index=True),
    Column("agency", String(50), nullable=False),
    Column("since", Moment),  # None: its end was heard of first
    Column("until", Moment),  # None: still the agency's
)

obligations = Table(
    "obligation",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("dossier", String(60), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("agency", String(50), nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("paid_at", Moment),
)

payments = Table(
    "payment",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("dossier", String(60), nullable=False, index=True),
    Column("obligation", String(100)),
    Column("amount", BigInteger, nullable=False),
    Column("method", String(10), nullable=False),
    Column("reference", Text, nullable=False),
    Column("paid_at", Moment, nullable=False),
    Column("received_by", String(200), nullable=False),
)

lookup_failures = Table(
    "lookup_failure",  # wrong tries per code within the window that began at `since` (real time)
    metadata,
    Column("code", String(60), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", Moment, nullable=False, index=True),
)

audits = Table(
    "audit",  # who of the staff has read what
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("subject", String(200), nullable=False),
    Column("role", String(100), nullable=False),
    Column("agency", String(50), nullable=False),
    Column("action", String(20), nullable=False),
    Column("dossier", String(60), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_audit_dossier", "dossier", "at"),
)
