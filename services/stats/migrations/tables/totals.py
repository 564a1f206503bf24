"""The tables of totals."""

from __future__ import annotations

from collections.abc import Sequence

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
    op.create_table(
        "total_code",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql"), nullable=False),
        sa.UniqueConstraint("code"),
    )
    _create_total("dossier", (), _numbers(_MEASURES))
    _create_total("event", ("kind", "part"), [*_numbers(["number"]), *_amounts(["amount"])])
    _create_total("activity", (), [*_amounts(["fees_paid", "fees_refunded"]), *_numbers(_ACTIVITIES)])
    _create_total("ticket", ("service_group",), _numbers(_TICKETS))
    op.create_table("agency_pair", *_key(("agency", "handling_agency")))


def _create_total(name: str, kinds: Sequence[str], numbers: Sequence[sa.Column[int]]) -> None:
    place = ("agency", "handling_agency", "procedure", "field", "channel", *kinds)
    op.create_table(f"{name}_total", *_key(("block", *place)), *numbers)
    op.create_table(
        f"{name}_total_change",
        sa.Column("day", sa.Integer, nullable=False),
        *(sa.Column(part, sa.Integer, nullable=False) for part in place),
        *(sa.Column(number.name, number.type) for number in numbers),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            f"ALTER TABLE {name}_total SET (fillfactor = 80)"
        )  # a changed cell stays on its page, and in no index
        # its rows come and go all the time, and whoever reads totals reads all of it
        settings = "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000"
        op.execute(f"ALTER TABLE {name}_total_change SET ({settings})")


def _key(names: Sequence[str]) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in names]


def _numbers(names: Sequence[str]) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer) for name in names]


def _amounts(names: Sequence[str]) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger) for name in names]
