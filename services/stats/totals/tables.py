"""The tables of totals."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, String, Table

from services.stats.database import metadata
from services.stats.facts.domain import WARNING_KINDS
from services.stats.facts.dossier_measures import MEASURES
from services.stats.totals.places import BY_PROCEDURE


@dataclass(frozen=True, slots=True)
class Total:
    """A table of totals.

    Attributes:
        table: with the columns of a cell, those of :attr:`kinds`, and those of :attr:`values`.
        kinds: columns of the key besides the cell; a contribution names their values.
        values: columns of numbers.
    """

    table: Table
    kinds: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return (*CELL, *self.kinds)


CELL = ("detail", "span", "start", "agency", "handling_agency", "procedure", "field", "channel")
"""The columns of a cell: level of detail, length in days and first day's number of the interval, and the place."""


def code(length: int) -> String:
    """A code: compared byte by byte, which is several times faster than by the rules of a language."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def _cell() -> list[Column[object]]:
    return [
        Column("detail", SmallInteger, primary_key=True, autoincrement=False),
        Column("span", SmallInteger, primary_key=True, autoincrement=False),
        Column("start", Integer, primary_key=True, autoincrement=False),
        Column("agency", code(100), primary_key=True),
        Column("handling_agency", code(100), primary_key=True),
        Column("procedure", code(50), primary_key=True),
        Column("field", code(100), primary_key=True),
        Column("channel", code(20), primary_key=True),
    ]


dossier_totals = Table(
    "dossier_total",
    metadata,
    *_cell(),
    *(Column(name, Integer, nullable=False, server_default="0") for name in MEASURES),
)
# which agencies have dossiers of a procedure on a day
Index(
    "ix_dossier_total_procedure",
    dossier_totals.c.procedure,
    dossier_totals.c.start,
    postgresql_where=(dossier_totals.c.detail == BY_PROCEDURE) & (dossier_totals.c.span == 1),
    sqlite_where=(dossier_totals.c.detail == BY_PROCEDURE) & (dossier_totals.c.span == 1),
)

event_totals = Table(
    "event_total",  # of everything else that is counted by kind and part
    metadata,
    *_cell(),
    Column("kind", code(30), primary_key=True),
    Column("part", code(120), primary_key=True),
    Column("number", Integer, nullable=False, server_default="0"),
    Column("amount", BigInteger, nullable=False, server_default="0"),
)

APPLICATION_COUNTS = (
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
"""What is counted of applications; `unanswered` within the time limit."""
MESSAGE_COUNTS = ("sent", "delivered", "returned", "failed", "skipped")
_AMOUNTS = ("fees_paid", "fees_refunded")
_ACTIVITIES = (
    *(f"messages_{state}" for state in MESSAGE_COUNTS),
    "segments",
    *WARNING_KINDS,
    *(f"applications_{name}" for name in APPLICATION_COUNTS),
)
activity_totals = Table(
    "activity_total",  # of payments (đồng), messages, warnings and applications
    metadata,
    *_cell(),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in _AMOUNTS),
    *(Column(name, Integer, nullable=False, server_default="0") for name in _ACTIVITIES),
)

BOUNDS = (30, 60, 120, 180, 300, 420, 600, 900, 1200, 1500, 1800, 2400, 3000, 3600, 5400, 7200, 10800)
"""Upper bounds of the buckets of waits and of times at the counter, seconds, each inclusive."""
LONGER = 86400
"""Stands for the bucket above the last bound."""
TICKET_COUNTS = ("issued", "called", "served", "missed", "cancelled")
TICKET_TIMES = tuple(f"{what}_{bound}" for what in ("waited", "took") for bound in (*BOUNDS, LONGER))
"""Seconds until the call, and at the counter: how many tickets are in each bucket."""
ticket_totals = Table(
    "ticket_total",  # of visitors of desks
    metadata,
    *_cell(),
    Column("service_group", String(50), primary_key=True),
    *(Column(name, Integer, nullable=False, server_default="0") for name in (*TICKET_COUNTS, *TICKET_TIMES)),
)

agency_pairs = Table(
    "agency_pair",  # the two agencies of every place that has ever had anything; a leader sees some of them
    metadata,
    Column("agency", String(100), primary_key=True),
    Column("handling_agency", String(100), primary_key=True),
)

DOSSIERS = Total(dossier_totals, (), tuple(MEASURES))
EVENTS = Total(event_totals, ("kind", "part"), ("number", "amount"))
ACTIVITIES = Total(activity_totals, (), (*_AMOUNTS, *_ACTIVITIES))
TICKETS = Total(ticket_totals, ("service_group",), (*TICKET_COUNTS, *TICKET_TIMES))
TOTALS = (DOSSIERS, EVENTS, ACTIVITIES, TICKETS)
