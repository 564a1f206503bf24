"""Writes differences to the totals: all those of a transaction at once, in few statements, as its last action.

The rows are written in one order everywhere, those that many transactions share last: they are locked only from here to the commit, and no
two transactions wait for each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite

from services.stats.totals.places import Place, cells_of
from services.stats.totals.spans import intervals_of
from services.stats.totals.tables import Total, agency_pairs
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


Key = tuple[Any, ...]


def spread(found: Differences) -> dict[Key, dict[str, int]]:
    """The differences of all cells: values of the key (see :attr:`~services.stats.totals.tables.Total.key`) → column → number, no zeros."""
    together: defaultdict[tuple[Place, int, tuple[str, ...]], dict[str, int]] = defaultdict(dict)
    for (place, day, kinds, column), number in found.items():
        if number:
            together[place, day, kinds][column] = number
    spread_out: dict[Key, dict[str, int]] = {}
    for (place, day, kinds), numbers in together.items():
        intervals = intervals_of(day)
        for detail, (agency, handling, field, procedure, channel) in cells_of(place):
            for span, start in intervals:
                key = (detail, span, start, agency, handling, procedure, field, channel, *kinds)
                known = spread_out.get(key)
                if known is None:
                    spread_out[key] = dict(numbers)
                    continue
                for column, number in numbers.items():
                    known[column] = known.get(column, 0) + number
    return spread_out


def write(connection: Connection, total: Total, found: Differences) -> None:
    """Adds differences to a table of totals.

    Args:
        connection: in the transaction that changes the facts.
        total: which.
        found: the differences.
    """
    cells = spread(found)
    rows = [(key, numbers) for key, numbers in sorted(cells.items()) if any(numbers.values())]
    if not rows:
        return
    columns = tuple(name for name in total.values if any(name in numbers for _, numbers in rows))
    names = total.key
    values = [dict(zip(names, key, strict=True)) | numbers for key, numbers in rows]
    pairs = sorted({(place.agency, place.handling_agency) for (place, _, _, _), number in found.items() if number})
    if connection.dialect.name == "postgresql":
        agencies = [{"agency": agency, "handling_agency": handling} for agency, handling in pairs]
        connection.exec_driver_sql(_PAIRS_POSTGRESQL, (json_text(agencies),))
        connection.exec_driver_sql(_upsert_postgresql(total, columns), (json_text(values),))
        return
    connection.execute(_PAIRS_SQLITE, [{"agency": agency, "handling_agency": handling} for agency, handling in pairs])
    nothing = dict.fromkeys(columns, 0)
    connection.execute(_upsert_sqlite(total, columns), [nothing | row for row in values])


_PAIRS_POSTGRESQL = """
INSERT INTO agency_pair (agency, handling_agency)
SELECT agency, handling_agency FROM json_to_recordset(%s) AS seen (agency text, handling_agency text)
ON CONFLICT DO NOTHING
"""
_PAIRS_SQLITE = sqlite.insert(agency_pairs).on_conflict_do_nothing()


@cache
def _upsert_postgresql(total: Total, columns: tuple[str, ...]) -> str:
    types: Mapping[str, str] = {column.name: str(column.type.compile()) for column in total.table.columns}
    quoted = {name: f'"{name}"' for name in (*total.key, *columns)}
    named = ", ".join(f"{quoted[name]} {types[name]}" for name in (*total.key, *columns))
    given = ", ".join([*(quoted[name] for name in total.key), *(f"coalesce({quoted[name]}, 0)" for name in columns)])
    changes = ", ".join(f"{quoted[name]} = known.{quoted[name]} + excluded.{quoted[name]}" for name in columns)
    return (
        f"INSERT INTO {total.name} AS known ({', '.join(quoted.values())}) "
        f"SELECT {given} FROM json_to_recordset(%s) AS added ({named}) "
        f"ON CONFLICT ({', '.join(quoted[name] for name in total.key)}) DO UPDATE SET {changes}"
    )


@cache
def _upsert_sqlite(total: Total, columns: tuple[str, ...]) -> Any:
    row = sqlite.insert(total.table)
    changes = {name: total.table.c[name] + row.excluded[name] for name in columns}
    return row.on_conflict_do_update(index_elements=list(total.table.primary_key), set_=changes)
