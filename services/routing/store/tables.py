"""The tables of dossiers, steps, clocks, control sheets and published procedures."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from services.routing.database import metadata
from shared.persistence.sql import BigId, Moment

BY = 255
"""Length of the columns for who did something: an official's identifier (200), or an agency's code (50) with its software's name for the
official."""

OPEN_TASKS = text("task.state IN ('open', 'awaiting_payment', 'awaiting_sub', 'awaiting_supplement')")
"""Open steps: the condition of the worklists' indexes and, word for word, of their queries, so that both databases use these indexes.
Completed steps cost the worklists nothing."""
OVERDUE_DOSSIERS = text("dossier.overdue_at IS NOT NULL AND dossier.state IN ('active', 'supplement')")
"""Dossiers that were marked overdue and have neither a result nor ended: the condition of an index, word for word, as above."""
LATE_TASKS = text("task.on_time IS NOT NULL AND NOT task.on_time")
"""Steps that were completed late: the condition of an index, word for word, as above."""
ESCALATED_TASKS = text("task.escalation > 0")
"""Steps of which leaders were told: with :data:`OPEN_TASKS` the condition of an index, word for word, as above."""
_OVERDUE = text("overdue_at IS NOT NULL AND state IN ('active', 'supplement')")
_OPEN = text("state IN ('open', 'awaiting_payment', 'awaiting_sub', 'awaiting_supplement')")
_LATE = text("on_time IS NOT NULL AND NOT on_time")
_ESCALATED = text(f"escalation > 0 AND {_OPEN.text}")
_SCHEDULED = text("next_check_at IS NOT NULL")
_REFUSED = text("refused_at IS NOT NULL")


def _only(condition: Any) -> dict[str, Any]:
    return {"sqlite_where": condition, "postgresql_where": condition}


procedure_versions = Table(
    "procedure_version",
    metadata,
    Column("code", String(50), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),  # SHA-256 of the definition; key of the cache of parsed definitions
    Column("definition", Text, nullable=False),  # JSON, as published
)

dossiers = Table(
    "dossier",
    metadata,
    Column("code", String(100), primary_key=True),
    Column(
        "root", String(100), nullable=False
    ),  # the citizen's dossier: this one, or that of which it is a sub-dossier
    Column("parent_task", String(36)),  # the step that a sub-dossier does
    Column("procedure", String(50), nullable=False),
    Column("version", Integer, nullable=False),
    Column("case", String(100), nullable=False),
    Column("chosen", Text, nullable=False),  # JSON: codes of the linked procedures that the citizen chose
    Column("field", String(50), nullable=False),
    Column("receiving_agency", String(50), nullable=False),
    Column("handling_agency", String(50), nullable=False),
    Column("regulation", String(50), nullable=False),  # the version that applies until the dossier ends
    Column("remote", Boolean, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("promised_at", Moment, nullable=False),  # as printed on the receipt; never changes
    Column("due_at", Moment, nullable=False),  # by the law
    Column("index_due_at", Moment, nullable=False),  # by the index: the first promise, extended by all waiting
    Column("state", String(20), nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("supplements", SmallInteger, nullable=False),  # how many were requested
    Column("supplement_until", Moment),  # when it is closed if no supplement comes
    Column("extended_at", Moment),  # when the one re-appointment was announced
    Column("extended_from", Moment),  # the due time before it
    Column("extended_to", Moment),  # the new one
    Column("extended_by", String(200)),  # who signed the apology
    Column(
        "moved_at", Moment
    ),  # from when on a due time counts that was moved because its day was declared off; the last move
    Column("moved_to", Moment),  # that due time: it is kept even if the day is not off after all
    Column("promise_moved_to", Moment),  # where `promised_at` itself was moved
    Column("due_soon_at", Moment),  # when the reminder was sent
    Column("overdue_at", Moment),  # the due time that passed, whenever that was noticed
    Column("escalation", SmallInteger, nullable=False),  # 0 nobody, 1 the unit's leader, 2 the centre's
    Column("next_check_at", Moment),  # when the sweep must check it next; null while nothing is pending
    Column("outcome", String(50)),
    Column("resolved_at", Moment),
    Column("on_time", Boolean),
    Column("index_on_time", Boolean),
    Column("returned_at", Moment),
    Column("stopped_at", Moment),
    Column("stop_cause", String(20)),
    Column("stopped_by", String(200)),  # the leader who stopped it
    Column(
        "control_sheet_entries", Integer, nullable=False
    ),  # entries in the process control sheet, and the last one's hash
    Column("control_sheet_hash", String(64), nullable=False),
    ForeignKeyConstraint(["procedure", "version"], ["procedure_version.code", "procedure_version.version"]),
    Index("ix_dossier_next_check", "next_check_at", "code", **_only(_SCHEDULED)),
    Index("ix_dossier_overdue", "handling_agency", "field", **_only(_OVERDUE)),
    Index("ix_dossier_root", "root"),
)

tasks = Table(
    "task",
    metadata,
    Column("id", String(36), primary_key=True),  # UUIDv7: in order of assignment
    Column("dossier", String(100), ForeignKey("dossier.code"), nullable=False),
    Column("root", String(100), nullable=False),
    Column("kind", String(10), nullable=False),  # step, correction
    Column("step", String(100), nullable=False),
    Column("name", Text, nullable=False),
    Column("agency", String(50), nullable=False),
    Column("official_role", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("counted", Boolean, nullable=False),
    Column("from_agency", String(50), nullable=False),  # the sender
    Column("desk", String(50), nullable=False),  # that received the citizen's dossier
    Column("assigned_at", Moment, nullable=False),
    Column("receipt_due_at", Moment),  # by when the agency must have acknowledged the hand-over
    Column("accepted_at", Moment),
    Column("accepted_by", String(BY)),
    Column("official", String(200)),  # who has claimed it or got it assigned; an identifier, never a name
    Column("wait_until", Moment),  # posting: not to be completed before
    Column("due_at", Moment),
    Column("completed_at", Moment),
    Column("completed_by", String(BY)),
    Column("outcome", String(50)),
    Column("note", Text),
    Column("on_time", Boolean),
    Column("obligation", String(36), unique=True),
    Column("amount", BigInteger),  # VND
    Column("payment", String(100)),  # by which the obligation was paid
    Column("sub", String(100)),  # the sub-dossier that does it
    Column("lapsed_at", Moment),  # when its hand-over lapsed: the time by which it was to be acknowledged
    Column("refused_at", Moment),  # when the agency refused it; until it is sent again
    Column("refusal", Text),
    Column("due_soon_at", Moment),
    Column("overdue_at", Moment),
    Column("escalation", SmallInteger, nullable=False),  # the step's own or its dossier's, whichever went further
    Column("next_check_at", Moment),
    Index("ix_task_dossier", "dossier", "id"),
    Index("ix_task_root", "root", "id"),
    Index("ix_task_queue", "agency", "due_at", "id", **_only(_OPEN)),
    Index("ix_task_official", "official", "due_at", "id", **_only(_OPEN)),
    Index("ix_task_escalated", "due_at", "id", **_only(_ESCALATED)),
    Index("ix_task_next_check", "next_check_at", "id", **_only(_SCHEDULED)),
    Index("ix_task_late", "id", **_only(_LATE)),
    Index("ix_task_refused", "from_agency", "due_at", "id", **_only(_REFUSED)),
)

notes = Table(
    "task_note",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("task", String(36), ForeignKey("task.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_task_note_task", "task", "id"),
)

intervals = Table(
    "clock_interval",
    metadata,
    Column("dossier", String(100), ForeignKey("dossier.code"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … within the dossier
    Column("kind", String(12), nullable=False),  # counted, uncounted, supplement
    Column("reason", String(100), nullable=False),
    Column("begins_at", Moment, nullable=False),
    Column("ends_at", Moment),
)

handovers = Table(
    "handover",  # the process control sheet (form 06); append-only, a hash chain
    metadata,
    Column("dossier", String(100), primary_key=True),  # the root's: one sheet for all
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(12), nullable=False),
    Column("task", String(36), nullable=False),
    Column("step", String(100), nullable=False),
    Column("from_agency", String(50), nullable=False),
    Column("to_agency", String(50), nullable=False),
    Column("by", String(BY), nullable=False),
    Column("at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("result", String(10), nullable=False),
    Column("cause", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
