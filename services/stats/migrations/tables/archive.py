"""The tables of the archive of events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.persistence.sql import BigId, Moment


def create() -> None:
    """Creates them, with the row that says where the archive ends."""
    head = op.create_table(
        "archive_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("batches", sa.BigInteger, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("link", sa.String(64), nullable=False),
        sa.Column("segments", sa.BigInteger, nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
    )
    start = {"id": 1, "batches": 0, "events": 0, "month": "", "segments": 0, "link": "0" * 64, "seal": "0" * 64}
    op.bulk_insert(head, [start])
    op.create_table(
        "archive_batch",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("first_event", sa.BigInteger, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        sa.Column("link", sa.String(64), nullable=False),
    )
    op.create_table(
        "archive_segment",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("first_batch", sa.BigInteger, nullable=False),
        sa.Column("last_batch", sa.BigInteger, nullable=False),
        sa.Column("first_event", sa.BigInteger, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("link_before", sa.String(64), nullable=False),
        sa.Column("link_after", sa.String(64), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("sealed_at", Moment, nullable=False),
        sa.Column("seal_before", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_archive_segment_last_batch", "archive_segment", ["last_batch"])
    op.create_table(
        "archive_replay",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("subscriber", sa.String(50), nullable=False),
        sa.Column("since", Moment),
        sa.Column("until", Moment),
        sa.Column("types", sa.Text, nullable=False),
        sa.Column("last_batch", sa.BigInteger, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("sent_of_month", sa.BigInteger, nullable=False),
        sa.Column("sent", sa.BigInteger, nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("finished_at", Moment),
        sqlite_autoincrement=True,
    )
