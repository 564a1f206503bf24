"""Writes differences to the totals, as the last action of the transaction that changes the facts.

They are appended first, which costs little and locks nothing; whoever reads totals reads them too. When there are many, one transaction
folds all of them into the cells: the events of some thousand dossiers change most cells several times, and each is written once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection

from services.stats.totals.folding import fold
from services.stats.totals.places import Place
from services.stats.totals.tables import Total
from shared.persistence.sql import json_text

FOLD_FROM = 4000
"""Appended rows from which on they are folded: so many are read in one to ten milliseconds, by what is asked."""

Contribution = tuple[int, tuple[str, ...], str, int]
"""Number of the local day, values of the total's kinds, column, and what is added to it."""
Differences = Counter[tuple[Place, int, tuple[str, ...], str]]
"""(place, day, kinds, column) → what is to be added."""


def add(found: Differences, contributions: Iterable[Contribution], place: Place, sign: int) -> None:
    """Adds what a row contributes at a place, or takes it away.

    Args:
        found: changed.
        contributions: of the row.
        place: where.
        sign: 1 or -1.
    """
    for day, kinds, column, number in contributions:
        found[place, day, kinds, column] += sign * number


def codes_in(found: Differences) -> set[str]:
    """All codes that differences name."""
    return {code for place, _, kinds, _ in found for code in (*place, *kinds)}


def write(connection: Connection, total: Total, found: Differences, numbers: Mapping[str, int]) -> None:
    """Adds differences to a total.

    Args:
        connection: in the transaction that changes the facts.
        total: which.
        found: the differences.
        numbers: of all codes in them.
    """
    rows: dict[tuple[Place, int, tuple[str, ...]], dict[str, Any]] = {}
    for (place, day, kinds, column), number in found.items():
        if not number:
            continue
        row = rows.get((place, day, kinds))
        if row is None:
            row = rows[place, day, kinds] = {"day": day}
            row.update(zip(_PLACE, [numbers[code] for code in place], strict=True))
            row.update(zip(total.kinds, [numbers[code] for code in kinds], strict=True))
        row[column] = number
    if not rows:
        return
    pairs = {(row["agency"], row["handling_agency"]) for row in rows.values()}
    postgresql = connection.dialect.name == "postgresql"
    agencies = [{"agency": agency, "handling_agency": handling} for agency, handling in sorted(pairs)]
    connection.exec_driver_sql(_pairs(postgresql), (json_text(agencies),))
    connection.exec_driver_sql(_append(total, postgresql), (json_text(list(rows.values())),))
    if connection.exec_driver_sql(f"SELECT count(*) FROM {total.changes.name}").scalar_one() >= FOLD_FROM:
        fold(connection, total)


@cache
def _pairs(postgresql: bool) -> str:
    records = records_of({"agency": "integer", "handling_agency": "integer"}, "seen", postgresql)
    return (
        "INSERT INTO agency_pair (agency, handling_agency) "
        f"SELECT agency, handling_agency FROM {records} WHERE true ON CONFLICT DO NOTHING"
    )


@cache
def _append(total: Total, postgresql: bool) -> str:
    names = ", ".join(column.name for column in total.changes.columns)
    if postgresql:
        return (
            f"INSERT INTO {total.changes.name} ({names}) "
            f"SELECT {names} FROM json_populate_recordset(null::{total.changes.name}, %s)"
        )
    records = records_of(dict.fromkeys((column.name for column in total.changes.columns), ""), "a", postgresql)
    return f"INSERT INTO {total.changes.name} ({names}) SELECT {names} FROM {records}"


def records_of(columns: Mapping[str, str], alias: str, postgresql: bool) -> str:
    """The rows of a statement's parameter, a JSON array.

    Args:
        columns: name → type on PostgreSQL.
        alias: their name in the statement.
        postgresql: whether it is for PostgreSQL; for SQLite otherwise.
    """
    if postgresql:
        named = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        return f"json_to_recordset(%s) AS {alias} ({named})"
    named = ", ".join(f"""json_extract(value, '$.{name}') AS "{name}\"""" for name in columns)
    return f"(SELECT {named} FROM json_each(?)) AS {alias}"


_PLACE = Place._fields
