"""The first tables of routing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.initial_tables import create_shared_tables
from shared.persistence.sql import BigId, Moment

revision = "0001"
down_revision = None

OPEN = sa.text("state IN ('open', 'awaiting_payment', 'awaiting_sub', 'awaiting_supplement')")
SCHEDULED = sa.text("next_check_at IS NOT NULL")
ESCALATED = sa.text("escalation > 0 AND state IN ('open', 'awaiting_payment', 'awaiting_sub', 'awaiting_supplement')")
OVERDUE = sa.text("overdue_at IS NOT NULL AND state IN ('active', 'supplement')")
REFUSED = sa.text("refused_at IS NOT NULL")
DRAFTS = sa.text("state = 'draft'")
CHECKED = sa.text("check_at IS NOT NULL")
WAITING_EVENTS = sa.text("state = 'waiting'")
UNANSWERED = sa.text("send_again_at IS NOT NULL")
LATE = sa.text("on_time IS NOT NULL AND NOT on_time")


def upgrade() -> None:
    """Creates all tables."""
    create_shared_tables()
    _create_dossiers()
    _create_tasks()
    _create_people()
    _create_sent_steps()
    _create_agency_keys()
    _create_applications()
    _create_apologies()
    _create_agency_http()


def _create_dossiers() -> None:
    op.create_table(
        "procedure_version",
        sa.Column("code", sa.String(50), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
    )
    op.create_table(
        "dossier",
        sa.Column("code", sa.String(100), primary_key=True),
        sa.Column("root", sa.String(100), nullable=False),
        sa.Column("parent_task", sa.String(36)),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("case", sa.String(100), nullable=False),
        sa.Column("chosen", sa.Text, nullable=False),
        sa.Column("field", sa.String(50), nullable=False),
        sa.Column("receiving_agency", sa.String(50), nullable=False),
        sa.Column("handling_agency", sa.String(50), nullable=False),
        sa.Column("regulation", sa.String(50), nullable=False),
        sa.Column("remote", sa.Boolean, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("promised_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("index_due_at", Moment, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("supplements", sa.SmallInteger, nullable=False),
        sa.Column("supplement_until", Moment),
        sa.Column("extended_at", Moment),
        sa.Column("extended_from", Moment),
        sa.Column("extended_to", Moment),
        sa.Column("extended_by", sa.String(200)),
        sa.Column("moved_at", Moment),
        sa.Column("moved_to", Moment),
        sa.Column("promise_moved_to", Moment),
        sa.Column("due_soon_at", Moment),
        sa.Column("overdue_at", Moment),
        sa.Column("escalation", sa.SmallInteger, nullable=False),
        sa.Column("next_check_at", Moment),
        sa.Column("outcome", sa.String(50)),
        sa.Column("resolved_at", Moment),
        sa.Column("on_time", sa.Boolean),
        sa.Column("index_on_time", sa.Boolean),
        sa.Column("returned_at", Moment),
        sa.Column("stopped_at", Moment),
        sa.Column("stop_cause", sa.String(20)),
        sa.Column("stopped_by", sa.String(200)),
        sa.Column("control_sheet_entries", sa.Integer, nullable=False),
        sa.Column("control_sheet_hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["procedure", "version"], ["procedure_version.code", "procedure_version.version"]),
    )
    op.create_index(
        "ix_dossier_next_check",
        "dossier",
        ["next_check_at", "code"],
        sqlite_where=SCHEDULED,
        postgresql_where=SCHEDULED,
    )
    op.create_index(
        "ix_dossier_overdue", "dossier", ["handling_agency", "field"], sqlite_where=OVERDUE, postgresql_where=OVERDUE
    )
    op.create_index("ix_dossier_root", "dossier", ["root"])
    op.create_table(
        "clock_interval",
        sa.Column("dossier", sa.String(100), sa.ForeignKey("dossier.code"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("begins_at", Moment, nullable=False),
        sa.Column("ends_at", Moment),
    )


def _create_tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(100), sa.ForeignKey("dossier.code"), nullable=False),
        sa.Column("root", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("official_role", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.Column("from_agency", sa.String(50), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("assigned_at", Moment, nullable=False),
        sa.Column("receipt_due_at", Moment),
        sa.Column("accepted_at", Moment),
        sa.Column("accepted_by", sa.String(255)),
        sa.Column("official", sa.String(200)),
        sa.Column("wait_until", Moment),
        sa.Column("due_at", Moment),
        sa.Column("completed_at", Moment),
        sa.Column("completed_by", sa.String(255)),
        sa.Column("outcome", sa.String(50)),
        sa.Column("note", sa.Text),
        sa.Column("on_time", sa.Boolean),
        sa.Column("obligation", sa.String(36), unique=True),
        sa.Column("amount", sa.BigInteger),
        sa.Column("payment", sa.String(100)),
        sa.Column("sub", sa.String(100)),
        sa.Column("lapsed_at", Moment),
        sa.Column("refused_at", Moment),
        sa.Column("refusal", sa.Text),
        sa.Column("due_soon_at", Moment),
        sa.Column("overdue_at", Moment),
        sa.Column("escalation", sa.SmallInteger, nullable=False),
        sa.Column("next_check_at", Moment),
    )
    op.create_index("ix_task_dossier", "task", ["dossier", "id"])
    op.create_index("ix_task_escalated", "task", ["due_at", "id"], sqlite_where=ESCALATED, postgresql_where=ESCALATED)
    op.create_index(
        "ix_task_next_check", "task", ["next_check_at", "id"], sqlite_where=SCHEDULED, postgresql_where=SCHEDULED
    )
    op.create_index("ix_task_official", "task", ["official", "due_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_task_queue", "task", ["agency", "due_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_task_late", "task", ["id"], sqlite_where=LATE, postgresql_where=LATE)
    op.create_index(
        "ix_task_refused",
        "task",
        ["from_agency", "due_at", "id"],
        sqlite_where=REFUSED,
        postgresql_where=REFUSED,
    )
    op.create_index("ix_task_root", "task", ["root", "id"])
    op.create_table(
        "task_note",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("task", sa.String(36), sa.ForeignKey("task.id"), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_task_note_task", "task_note", ["task", "id"])
    op.create_table(
        "handover",
        sa.Column("dossier", sa.String(100), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("task", sa.String(36), nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("from_agency", sa.String(50), nullable=False),
        sa.Column("to_agency", sa.String(50), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("result", sa.String(10), nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def _create_people() -> None:
    op.create_table(
        "official",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("subject", sa.String(200), primary_key=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
    )
    op.create_index("ix_official_subject", "official", ["subject"])
    op.create_table(
        "absence",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("official", sa.String(200), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("deputy", sa.String(200), nullable=False),
        sa.Column("entered_by", sa.String(200), nullable=False),
        sa.Column("entered_at", Moment, nullable=False),
    )
    op.create_index("ix_absence_deputy", "absence", ["deputy", "last_day"])
    op.create_index("ix_absence_official", "absence", ["official", "last_day"])
    op.create_table(
        "leader_duty",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("centre", sa.String(50), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("official", sa.String(200), nullable=False),
        sa.Column("entered_by", sa.String(200), nullable=False),
        sa.Column("entered_at", Moment, nullable=False),
        sa.UniqueConstraint("agency", "official", "day", name="uq_leader_duty_official"),
    )
    op.create_index("ix_leader_duty_official", "leader_duty", ["official", "day"])
    op.create_table(
        "leader_mandate",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("official", sa.String(200), primary_key=True),
        sa.Column("first_day", sa.Date, primary_key=True),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("entered_by", sa.String(200), nullable=False),
        sa.Column("entered_at", Moment, nullable=False),
    )
    op.create_index("ix_leader_mandate_official", "leader_mandate", ["official", "last_day"])
    op.create_table(
        "agency_service",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("since", Moment, nullable=False),
        sa.Column("signs", sa.Boolean, nullable=False),
        sa.Column("until", Moment),
        sa.Column("way", sa.String(10), nullable=False),
    )


def _create_agency_http() -> None:
    op.create_table(
        "agency_event",
        sa.Column("number", BigId, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String(100), nullable=False, unique=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("task", sa.String(200), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failing_since", Moment),
        sa.Column("next_at", Moment, nullable=False),
        sa.Column("leased_until", Moment),
        sa.Column("ended_at", Moment),
    )
    op.create_index("ix_agency_event_created_at", "agency_event", ["created_at"])
    for name, columns in (
        ("waiting", ["agency", "key", "number"]),
        ("next", ["agency", "number"]),
        ("due", ["next_at", "number"]),
    ):
        op.create_index(
            f"ix_agency_event_{name}",
            "agency_event",
            columns,
            sqlite_where=WAITING_EVENTS,
            postgresql_where=WAITING_EVENTS,
        )
    op.create_table(
        "agency_sequence",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "agency_attempt",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("event", BigId, sa.ForeignKey("agency_event.number"), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.String(50), nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
    )
    op.create_index("ix_agency_attempt_event", "agency_attempt", ["event"])
    op.create_index("ix_agency_attempt_at", "agency_attempt", ["at"])
    op.create_table(
        "agency_subscription",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("old_secret", sa.Text),
        sa.Column("old_secret_until", Moment),
        sa.Column("allow_private", sa.Boolean, nullable=False),
        sa.Column("failing_since", Moment),
        sa.Column("disabled_at", Moment),
        sa.Column("disabled_because", sa.String(20)),
    )


def _create_sent_steps() -> None:
    op.create_table(
        "sent_step",
        sa.Column("task", sa.String(36), primary_key=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("first_sent_at", Moment, nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("send_again_at", Moment),
        sa.Column("answered_at", Moment),
        sa.Column("answer", sa.String(64)),
        sa.Column("earlier_answer", sa.String(64)),
    )
    op.create_index(
        "ix_sent_step_send_again",
        "sent_step",
        ["send_again_at", "task"],
        sqlite_where=UNANSWERED,
        postgresql_where=UNANSWERED,
    )
    op.create_index("ix_sent_step_answered", "sent_step", ["agency", "answered_at"])


def _create_agency_keys() -> None:
    op.create_table(
        "agency_key",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("used_at", Moment),
        sa.Column("revoked_at", Moment),
        sa.Column("revoked_by", sa.String(200)),
        sa.Column("warned_on", sa.Date),
    )
    op.create_table(
        "agency_key_failure",
        sa.Column("of", sa.String(80), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", Moment, nullable=False),
    )
    op.create_index("ix_agency_key_failure_since", "agency_key_failure", ["since"])


def _create_apologies() -> None:
    op.create_table(
        "apology",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("dossier", sa.String(100), sa.ForeignKey("dossier.code"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("lateness", sa.SmallInteger, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("missed_at", Moment, nullable=False),
        sa.Column("cause", sa.String(30), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("new_due_at", Moment),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("drafted_at", Moment, nullable=False),
        sa.Column("reported_on", sa.Date),
        sa.Column("reports", sa.Integer, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("number", sa.Integer),
        sa.Column("signed_at", Moment),
        sa.Column("signed_by", sa.String(200)),
        sa.Column("withdrawn_at", Moment),
        sa.Column("withdrawn_cause", sa.String(20)),
        sa.Column("check_at", Moment),
        sa.UniqueConstraint("dossier", "kind", "lateness", name="uq_apology_lateness"),
        sa.UniqueConstraint("agency", "year", "number", name="uq_apology_number"),
    )
    for name, columns, condition in (
        ("draft", ["agency", "missed_at", "id"], DRAFTS),
        ("check", ["check_at", "id"], CHECKED),
    ):
        op.create_index(f"ix_apology_{name}", "apology", columns, sqlite_where=condition, postgresql_where=condition)
    op.create_table(
        "apology_number",
        sa.Column("agency", sa.String(50), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "apology_report",
        sa.Column("apology", sa.String(36), sa.ForeignKey("apology.id"), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("reported_at", Moment, nullable=False),
    )
    op.create_table(
        "apology_change",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("apology", sa.String(36), sa.ForeignKey("apology.id"), nullable=False),
        sa.Column("was_agency", sa.String(50), nullable=False),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_index("ix_apology_change_apology", "apology_change", ["apology", "id"])


def _create_applications() -> None:
    op.create_table(
        "application",
        sa.Column("code", sa.String(100), primary_key=True),
        sa.Column("agency", sa.String(50), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("procedure", sa.String(50), nullable=False),
        sa.Column("regulation", sa.String(50), nullable=False),
        sa.Column("filed_at", Moment, nullable=False),
        sa.Column("waiting_since", Moment, nullable=False),
        sa.Column("supplement_requested_at", Moment),
        sa.Column("supplemented_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("alerted_at", Moment),
        sa.Column("overdue_at", Moment),
        sa.Column("escalation", sa.SmallInteger, nullable=False),
        sa.Column("next_check_at", Moment),
    )
    for name, columns in (("agency", ["agency"]), ("next_check", ["next_check_at", "code"])):
        op.create_index(
            f"ix_application_{name}", "application", columns, sqlite_where=SCHEDULED, postgresql_where=SCHEDULED
        )
