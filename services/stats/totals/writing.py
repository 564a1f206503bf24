"""Writes differences to the totals: all those of a transaction at once, in few statements, as its last action.

The rows are written in one order everywhere, those that many transactions share last: they are locked only from here to the commit, and no
two transactions wait for each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection

from services.stats.totals.places import ALL, BY_FIELD, BY_PROCEDURE, DETAILS, OF_ALL_AGENCIES, Place
from services.stats.totals.spans import SPANS
from services.stats.totals.tables import Total
from shared.persistence.sql import json_text

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


def write(connection: Connection, total: Total, found: Differences) -> None:
    """Adds differences to a table of totals: one statement spreads them over levels of detail and intervals and adds them to the cells.

    Args:
        connection: in the transaction that changes the facts.
        total: which.
        found: the differences.
    """
    rows: dict[tuple[Place, int, tuple[str, ...]], dict[str, Any]] = {}
    pairs, changed = set(), set()
    for (place, day, kinds, column), number in found.items():
        if not number:
            continue
        changed.add(column)
        pairs.add(place[:2])
        row = rows.get((place, day, kinds))
        if row is None:
            row = rows[place, day, kinds] = {"start": day, **place._asdict()}
            row.update(zip(total.kinds, kinds, strict=True))
        row[column] = number
    if not rows:
        return
    postgresql = connection.dialect.name == "postgresql"
    columns = tuple(name for name in total.values if name in changed)
    agencies = [{"agency": agency, "handling_agency": handling} for agency, handling in sorted(pairs)]
    _run(connection, _pairs(postgresql), agencies)
    _run(connection, _upsert(total, columns, postgresql), list(rows.values()))


def _run(connection: Connection, statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.exec_driver_sql(statement, (json_text(rows),))


def _records(columns: Mapping[str, str], alias: str, postgresql: bool) -> str:
    """The rows of the statement's parameter, a JSON array."""
    if postgresql:
        named = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        return f"json_to_recordset(%s) AS {alias} ({named})"
    named = ", ".join(f"""json_extract(value, '$.{name}') AS "{name}\"""" for name in columns)
    return f"(SELECT {named} FROM json_each(?)) AS {alias}"


@cache
def _pairs(postgresql: bool) -> str:
    records = _records({"agency": "text", "handling_agency": "text"}, "seen", postgresql)
    return (
        "INSERT INTO agency_pair (agency, handling_agency) "
        f"SELECT agency, handling_agency FROM {records} WHERE true ON CONFLICT DO NOTHING"
    )


@cache
def _upsert(total: Total, columns: tuple[str, ...], postgresql: bool) -> str:
    parts = (*Place._fields, *total.kinds)
    records = _records(
        {"start": "integer", **dict.fromkeys(parts, "text"), **dict.fromkeys(columns, "bigint")}, "a", postgresql
    )
    cell = {"detail": "d.detail", "span": "s.span", "start": "a.start - a.start % s.span"}
    if postgresql:
        cell["start"] = cell["start"].replace("%", "%%")
    cell |= {name: f"a.{name}" for name in parts}
    for name in ("agency", "handling_agency"):
        cell[name] = f"CASE WHEN d.detail >= {OF_ALL_AGENCIES} THEN '{ALL}' ELSE a.{name} END"
    for name, level in (("procedure", BY_PROCEDURE), ("field", BY_FIELD)):
        cell[name] = f"CASE WHEN d.detail % {OF_ALL_AGENCIES} < {level} THEN '{ALL}' ELSE a.{name} END"
        if postgresql:
            cell[name] = cell[name].replace("%", "%%")
    key = ", ".join(total.key)
    chosen = ", ".join(cell[name] for name in total.key)
    numbered = ", ".join(str(position) for position in range(1, len(total.key) + 1))
    sums = ", ".join(f"coalesce(sum(a.{name}), 0)" for name in columns)
    changes = ", ".join(f"{name} = known.{name} + excluded.{name}" for name in columns)
    spans = " UNION ALL ".join(f"SELECT {span} AS span" for span in SPANS)
    details = " UNION ALL ".join(f"SELECT {detail} AS detail" for detail in DETAILS)
    return (
        f"INSERT INTO {total.name} AS known ({key}, {', '.join(columns)}) "
        f"SELECT {chosen}, {sums} FROM {records} CROSS JOIN ({spans}) AS s CROSS JOIN ({details}) AS d WHERE true "
        f"GROUP BY {numbered} ORDER BY {numbered} ON CONFLICT ({key}) DO UPDATE SET {changes}"
    )
