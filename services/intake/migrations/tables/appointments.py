"""The tables of appointments and closed days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates the tables."""
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
