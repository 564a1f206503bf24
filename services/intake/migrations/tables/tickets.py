"""The tables of tickets and counters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
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
