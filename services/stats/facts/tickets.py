"""Tickets of visitors of desks, how long they waited and were served: what is known of each, from its events in any order.

A visitor who missed the call may be called again, and intake, restored from a backup, may have it done again: the first call and the last
end count; who was served counts as served.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.stats.facts.once import once
from services.stats.facts.rows import Row, Subject
from services.stats.facts.store import tickets
from services.stats.totals import tables
from services.stats.totals.places import Place
from services.stats.totals.tables import BOUNDS, LONGER
from services.stats.totals.writing import Contribution

Data = Mapping[str, Any]
_SAME = ("desk", "group", "day", "number", "channel", "priority")


def issued(row: Row, data: Data) -> Row:
    """A visitor took a number, or was transferred with it.

    Raises:
        Conflict: another ticket of this id is known.
    """
    return _first(_about(row, data), "issued_at", {name: data[name] for name in _ISSUED})


def called(row: Row, data: Data) -> Row:
    """A visitor was called; errors as for :func:`issued`."""
    given = {"called_at": data["called_at"], "called_to": data["counter"], "waited": data["waited"]}
    return _first(_about(row, data), "called_at", given)


def served(row: Row, data: Data) -> Row:
    """A visitor was served; errors as for :func:`issued`."""
    return _last(_about(row, data), "served_at", {name: data[name] for name in ("served_at", "counter", "served")})


def missed(row: Row, data: Data) -> Row:
    """A visitor did not come; errors as for :func:`issued`."""
    given = {"missed_at": data["missed_at"], "missed_cause": data["cause"]}
    return _last(_about(row, data), "missed_at", given)


def cancelled(row: Row, data: Data) -> Row:
    """A ticket was cancelled; errors as for :func:`issued`."""
    given = {"cancelled_at": data["cancelled_at"], "cancel_cause": data["cause"]}
    return _last(_about(row, data), "cancelled_at", given)


_ISSUED = ("issued_at", "appointment", "transferred_from")


def _about(row: Row, data: Data) -> Row:
    given = {name: data[name] for name in _SAME} | {"day": date.fromisoformat(data["day"])}
    return once(tickets, row, given, "desk")


def _first(row: Row, moment: str, given: Mapping[str, Any]) -> Row:
    return {**row, **given} if row[moment] is None or given[moment] < row[moment] else row


def _last(row: Row, moment: str, given: Mapping[str, Any]) -> Row:
    return {**row, **given} if row[moment] is None or given[moment] > row[moment] else row


def bucket_of(seconds: int) -> int:
    """The upper bound of the bucket in which a time falls."""
    return next((bound for bound in BOUNDS if seconds <= bound), LONGER)


def _contributions(row: Row) -> list[Contribution]:
    """Who was served counts as that alone, even if they missed a call before. A transferred visitor counts once as issued, and as called
    and served in each group."""
    ended = row["served_at"] is not None
    counted = {
        "issued": row["issued_at"] is not None and row["transferred_from"] is None,
        "called": row["called_at"] is not None,
        "served": ended,
        "missed": row["missed_at"] is not None and not ended,
        "cancelled": row["cancelled_at"] is not None and not ended,
    }
    columns = [name for name, true in counted.items() if true]
    if row["called_at"] is not None:
        columns.append(f"waited_{bucket_of(row['waited'])}")
    if ended and row["served"] is not None:
        columns.append(f"took_{bucket_of(row['served'])}")
    return [(row["day"].toordinal(), (row["group"],), column, 1) for column in columns]


def _place(row: Row, _: Place) -> Place:
    """At the desk; the channel by which a ticket was taken is none of dossiers."""
    return Place(row["desk"], "", "", "", "")


TICKETS = Subject(tickets, tables.TICKETS, _contributions, _place)
