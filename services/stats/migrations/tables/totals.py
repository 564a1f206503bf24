"""The tables of totals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

_MEASURES = (
    *("received", "resolved", "on_time", "index_on_time", "early", "resolved_late", "stopped", "stopped_late"),
    *("extended", "apologised", "supplement_requested", "late", "overdue", "in_progress", "in_progress_overdue"),
    *("awaiting_supplement", "corrected", "returned", "returned_at_counter", "returned_electronically"),
    *("returned_by_post", "returned_with_file", "published", "rated", "satisfied", "paid"),
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
        sa.Column("kind", sa.String(30), primary_key=True),
        sa.Column("part", sa.String(100), primary_key=True),
        _number("number", sa.Integer),
        _number("amount", sa.BigInteger),
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
        sa.Column("agency", sa.String(100), primary_key=True),
        sa.Column("handling_agency", sa.String(100), primary_key=True),
        sa.Column("procedure", sa.String(50), primary_key=True),
        sa.Column("field", sa.String(100), primary_key=True),
        sa.Column("channel", sa.String(20), primary_key=True),
    ]


def _number(name: str, kind: type[sa.types.TypeEngine[int]]) -> sa.Column[int]:
    return sa.Column(name, kind, nullable=False, server_default="0")
