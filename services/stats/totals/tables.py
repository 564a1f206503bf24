"""The tables of totals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Integer, Table

from services.stats.database import metadata
from services.stats.facts.domain import WARNING_KINDS
from services.stats.facts.dossier_measures import MEASURES


@dataclass(frozen=True, slots=True)
class Total:
    """A table of totals.

    Attributes:
        table: with the columns of a cell, those of :attr:`kinds`, and those of :attr:`values`.
        changes: differences that are not in the cells yet: the day and the whole place instead of a block, and the same columns.
        kinds: columns of the key besides the cell, with the numbers of codes; a contribution names the codes.
        values: columns of numbers.
    """

    table: Table
    changes: Table
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


CELL = ("block", "agency", "handling_agency", "procedure", "field", "channel")
"""The columns of a cell: level of detail and interval as one number (:func:`services.stats.totals.spans.block`), and the numbers of the
codes of its place (:mod:`services.stats.totals.codes`), :data:`services.stats.totals.places.ALL` for those that are together."""


def _cell(*kinds: str) -> list[Column[object]]:
    return [Column(name, Integer, primary_key=True, autoincrement=False) for name in (*CELL, *kinds)]


def _counts(names: Iterable[str]) -> list[Column[object]]:
    """Numbers; NULL instead of 0, which takes no place."""
    return [Column(name, Integer) for name in names]


def _amounts(names: Iterable[str]) -> list[Column[object]]:
    return [Column(name, BigInteger) for name in names]


dossier_totals = Table("dossier_total", metadata, *_cell(), *_counts(MEASURES))

event_totals = Table(
    "event_total",  # of everything else that is counted by kind and part
    metadata,
    *_cell("kind", "part"),
    *_counts(("number",)),
    *_amounts(("amount",)),
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
    *_amounts(_AMOUNTS),
    *_counts(_ACTIVITIES),
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
    *_cell("service_group"),
    *_counts((*TICKET_COUNTS, *TICKET_TIMES)),
)

agency_pairs = Table(
    "agency_pair",  # the two agencies of every place that has ever had anything; a leader sees some of them
    metadata,
    Column("agency", Integer, primary_key=True, autoincrement=False),
    Column("handling_agency", Integer, primary_key=True, autoincrement=False),
)


def _changes_of(table: Table) -> Table:
    columns = [Column(one.name, one.type, nullable=one.nullable) for one in table.columns if one.name != "block"]
    return Table(f"{table.name}_change", metadata, Column("day", Integer, nullable=False), *columns)


dossier_changes = _changes_of(dossier_totals)
event_changes = _changes_of(event_totals)
activity_changes = _changes_of(activity_totals)
ticket_changes = _changes_of(ticket_totals)

DOSSIERS = Total(dossier_totals, dossier_changes, (), tuple(MEASURES))
EVENTS = Total(event_totals, event_changes, ("kind", "part"), ("number", "amount"))
ACTIVITIES = Total(activity_totals, activity_changes, (), (*_AMOUNTS, *_ACTIVITIES))
TICKETS = Total(ticket_totals, ticket_changes, ("service_group",), (*TICKET_COUNTS, *TICKET_TIMES))
TOTALS = (DOSSIERS, EVENTS, ACTIVITIES, TICKETS)
