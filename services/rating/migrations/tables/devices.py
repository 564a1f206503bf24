"""The tables of devices, of their pairings and of what they deliver."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import Moment


def create() -> None:
    """Creates them."""
    op.create_table(
        "rating_device",
        sa.Column("desk", sa.String(50), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("counter", sa.Integer),
        sa.Column("pairing", sa.String(32)),
        sa.Column("paired_at", Moment),
        sa.Column("code_hash", sa.String(64)),
        sa.Column("code_until", Moment),
        sa.Column("code_counter", sa.Integer),
        sa.Column("code_by", sa.String(200), nullable=False),
        sa.Column("token_hash", sa.String(64)),
        sa.Column("token_since", Moment),
        sa.Column("next_hash", sa.String(64)),
        sa.Column("old_hash", sa.String(64)),
        sa.Column("old_until", Moment),
        sa.Column("seen_at", Moment),
        sa.Column("battery", sa.Integer),
        sa.Column("charging", sa.Boolean),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("clock_offset", sa.Integer, nullable=False),
    )
    for column in ("token_hash", "next_hash", "old_hash"):
        op.create_index(f"ix_rating_device_{column}", "rating_device", [column], unique=True)
    op.create_index("ix_rating_device_code_hash", "rating_device", ["code_hash"])
    op.create_table(
        "rating_device_pairing",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("counter", sa.Integer),
        sa.Column("paired_at", Moment, nullable=False),
        sa.Column("paired_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "rating_delivery",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("pairing", sa.String(32), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("numbered", sa.Boolean, nullable=False),
        sa.Column("given_at", Moment),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("decided_by", sa.String(200)),
        sa.Column("decided_at", Moment),
        sa.Column("counts", sa.Boolean),
    )
    op.create_index("ix_rating_delivery_given", "rating_delivery", ["pairing", "given_at"])
    op.create_index("ix_rating_delivery_desk", "rating_delivery", ["desk", "number", "outcome"])
    op.create_table(
        "pairing_failure",
        sa.Column("of", sa.String(80), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", Moment, nullable=False),
    )
    op.create_index("ix_pairing_failure_since", "pairing_failure", ["since"])
