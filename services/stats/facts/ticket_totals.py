"""How many visitors, and how long they waited and were served: kept per desk, service group and day beside the facts of tickets.

A total is the sum of what its tickets contribute. Each event changes a total by the difference that it makes to its own ticket, in the
transaction that changes the ticket; so duplicates and any order of events give the same totals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Date, Integer, String, Table
from sqlalchemy.dialects import postgresql, sqlite

from services.stats.database import metadata

BOUNDS = (30, 60, 120, 180, 300, 420, 600, 900, 1200, 1500, 1800, 2400, 3000, 3600, 5400, 7200, 10800)
"""Upper bounds of the buckets of waits and of times at the counter, seconds, each inclusive."""
LONGER = 86400
"""Stands for the bucket above the last bound."""
COUNTS = ("issued", "called", "served", "missed", "cancelled")
WAITED, TOOK = "waited", "took"
"""The two histograms: seconds until the call, and at the counter."""

ticket_totals = Table(
    "ticket_total",
    metadata,
    Column("desk", String(100), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("group", String(50), primary_key=True),
    Column("what", String(10), primary_key=True),  # one of COUNTS, WAITED, TOOK
    Column("bucket", Integer, primary_key=True),  # its upper bound, seconds; 0 for COUNTS
    Column("tickets", Integer, nullable=False),
)
_C = ticket_totals.c

Key = tuple[str, int]


def _add(insert: Callable[[Table], Any]) -> Any:
    row = insert(ticket_totals)
    return row.on_conflict_do_update(
        index_elements=list(ticket_totals.primary_key), set_={"tickets": _C.tickets + row.excluded.tickets}
    )


_ADD: Mapping[str, Any] = {"sqlite": _add(sqlite.insert), "postgresql": _add(postgresql.insert)}


def bucket_of(seconds: int) -> int:
    """The upper bound of the bucket in which a time falls."""
    return next((bound for bound in BOUNDS if seconds <= bound), LONGER)


def contribution(ticket: Any) -> Counter[Key]:
    """What one ticket adds to the totals.

    Who was served counts as that alone, even if they missed a call before. A transferred visitor counts once as issued, and as called and
    served in each group.

    Args:
        ticket: its row in the table of facts.
    """
    ended = ticket.served_at is not None
    counted: dict[Key, bool] = {
        ("issued", 0): ticket.issued_at is not None and ticket.transferred_from is None,
        ("called", 0): ticket.called_at is not None,
        ("served", 0): ended,
        ("missed", 0): ticket.missed_at is not None and not ended,
        ("cancelled", 0): ticket.cancelled_at is not None and not ended,
    }
    if ticket.called_at is not None:
        counted[WAITED, bucket_of(ticket.waited)] = True
    if ended and ticket.served is not None:
        counted[TOOK, bucket_of(ticket.served)] = True
    return Counter({key: 1 for key, true in counted.items() if true})


def add_difference(connection: Connection, before: Any, after: Any) -> None:
    """Changes the totals by what an event has changed of one ticket.

    Args:
        connection: in the transaction that changes the ticket, which has locked its row.
        before, after: the row.
    """
    rows = list(_differences(before, after))
    if not rows:
        return
    connection.execute(_ADD[connection.dialect.name], rows)


def _differences(before: Any, after: Any) -> Iterator[dict[str, Any]]:
    """The rows to add, always in the same order, so that two transactions do not wait for each other."""
    change = contribution(after)
    change.subtract(contribution(before))
    day: date = after.day
    for what, bucket in sorted(change):
        if number := change[what, bucket]:
            place = {"desk": after.desk, "day": day, "group": after.group}
            yield {**place, "what": what, "bucket": bucket, "tickets": number}
