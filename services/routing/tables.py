"""The tables of routing's own database."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from shared.sql import BigId, Moment

metadata = MetaData()

OVERDUE_CANDIDATES = text("state = 'active' AND NOT paused AND overdue_at IS NULL")
"""What the overdue sweep looks at: the condition of its index and, word for word, of its query, so that both databases use the
index. Dossiers that are closed, paused or found late already cost the sweep nothing."""

procedure_versions = Table(
    "procedure_version",
    metadata,
    Column("code", String(50), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),  # SHA-256 of the definition; what parsed definitions are kept by
    Column("definition", Text, nullable=False),  # JSON, as published
)

dossiers = Table(
    "dossier",
    metadata,
    Column("code", String(100), primary_key=True),
    Column("procedure", String(50), nullable=False),
    Column("version", Integer, nullable=False),
    Column("case", String(100), nullable=False),
    Column("field", String(50), nullable=False),
    Column("receiving_agency", String(50), nullable=False),
    Column("handling_agency", String(50), nullable=False),
    Column("regulation", String(50), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("promised_at", Moment, nullable=False),  # as printed on the receipt; never changes
    Column("due_at", Moment, nullable=False),  # the promise, extended by what was not counted
    Column("state", String(20), nullable=False),  # active, resolved, returned
    Column("paused", Boolean, nullable=False),
    Column("overdue_at", Moment),
    Column("outcome", String(50)),
    Column("resolved_at", Moment),
    Column("on_time", Boolean),
    Column("returned_at", Moment),
    ForeignKeyConstraint(["procedure", "version"], ["procedure_version.code", "procedure_version.version"]),
    Index("ix_dossier_overdue", "due_at", "code", sqlite_where=OVERDUE_CANDIDATES, postgresql_where=OVERDUE_CANDIDATES),
)

tasks = Table(
    "task",
    metadata,
    Column("id", String(36), primary_key=True),  # UUIDv7: in order of assignment
    Column("dossier", String(100), ForeignKey("dossier.code"), nullable=False),
    Column("step", String(100), nullable=False),
    Column("name", Text, nullable=False),
    Column("agency", String(50), nullable=False),
    Column("official_role", String(20), nullable=False),
    Column("state", String(20), nullable=False),  # open, awaiting_payment, done
    Column("counted", Boolean, nullable=False),
    Column("assigned_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("completed_at", Moment),
    Column("completed_by", String(200)),  # the token's subject; an identifier, never a name
    Column("outcome", String(50)),
    Column("note", Text),
    Column("on_time", Boolean),
    Column("obligation", String(36), unique=True),
    Column("amount", BigInteger),  # VND
    Index("ix_task_dossier", "dossier", "id"),
    Index("ix_task_agency", "agency", "state", "id"),
)

intervals = Table(
    "clock_interval",
    metadata,
    Column("dossier", String(100), ForeignKey("dossier.code"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … within the dossier
    Column("kind", String(10), nullable=False),  # counted, uncounted
    Column("reason", String(100), nullable=False),
    Column("begins_at", Moment, nullable=False),
    Column("ends_at", Moment),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("subject", String(200), nullable=False),
    Column("agency", String(50), nullable=False),
    Column("action", String(50), nullable=False),
    Column("record", String(200), nullable=False),
    Index("ix_audit_record", "record", "id"),
)
