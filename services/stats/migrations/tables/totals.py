"""The tables of totals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

_MEASURES = (
    *("received", "resolved", "on_time", "index_on_time", "early", "resolved_late", "stopped", "stopped_late"),
    *("extended", "apologised", "supplement_requested", "late", "overdue", "in_progress", "in_progress_overdue"),
    *("awaiting_supplement", "corrected", "returned", "returned_at_counter", "returned_electronically"),
    *("returned_by_post", "returned_with_file", "published", "rated", "satisfied", "paid"),
    *("received_online", "received_by_post", "received_on_saturday", "due", "paused", "refused", "withdrawn"),
    *("closed_without_supplement", "same_day"),
)

_APPLICATIONS = (
    *(
        "filed",
        "filed_online",
        "accepted",
        "refused",
        "withdrawn",
        "unsupplemented",
        "supplement_requested",
        "unanswered",
    ),
)
_ACTIVITIES = (
    *("messages_sent", "messages_delivered", "messages_returned", "messages_failed", "messages_skipped", "segments"),
    *("step_due_soon", "step_overdue", "dossier_due_soon", "step_returned"),
    *(f"applications_{name}" for name in _APPLICATIONS),
)
_BOUNDS = (30, 60, 120, 180, 300, 420, 600, 900, 1200, 1500, 1800, 2400, 3000, 3600, 5400, 7200, 10800, 86400)
_TICKETS = (
    *("issued", "called", "served", "missed", "cancelled"),
    *(f"{what}_{bound}" for what in ("waited", "took") for bound in _BOUNDS),
)


def create() -> None:
    """Creates them."""
    op.create_table("dossier_total", *_cell(), *(_number(name, sa.Integer) for name in _MEASURES))
    of_days = sa.text("detail = 2 AND span = 1")
    op.create_index(
        "ix_dossier_total_procedure",
        "dossier_total",
        ["procedure", "start"],
        postgresql_where=of_days,
        sqlite_where=of_days,
    )
    op.create_table(
        "event_total",
        *_cell(),
        sa.Column("kind", _code(30), primary_key=True),
        sa.Column("part", _code(120), primary_key=True),
        _number("number", sa.Integer),
        _number("amount", sa.BigInteger),
    )
    op.create_table(
        "activity_total",
        *_cell(),
        *(_number(name, sa.BigInteger) for name in ("fees_paid", "fees_refunded")),
        *(_number(name, sa.Integer) for name in _ACTIVITIES),
    )
    op.create_table(
        "ticket_total",
        *_cell(),
        sa.Column("service_group", sa.String(50), primary_key=True),
        *(_number(name, sa.Integer) for name in _TICKETS),
    )
    op.create_table(
        "agency_pair",
        sa.Column("agency", sa.String(100), primary_key=True),
        sa.Column("handling_agency", sa.String(100), primary_key=True),
    )


def _cell() -> list[sa.Column[object]]:
    return [
        sa.Column("detail", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("span", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("start", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("agency", _code(100), primary_key=True),
        sa.Column("handling_agency", _code(100), primary_key=True),
        sa.Column("procedure", _code(50), primary_key=True),
        sa.Column("field", _code(100), primary_key=True),
        sa.Column("channel", _code(20), primary_key=True),
    ]


def _code(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _number(name: str, kind: type[sa.types.TypeEngine[int]]) -> sa.Column[int]:
    return sa.Column(name, kind, nullable=False, server_default="0")
