"""The dossiers behind each number, in pages.

The totals tell at which agency and on which day there is anything, and how much; so a page reads only the dossiers of the few agencies
and days that fill it, from an index by agency and time, however sparse the measure and however far the page. Lists of what happened are
in order of the day, the receiving agency and the code; those of a moment in order of the receiving agency and the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, text

from services.stats.facts.dossier_clock import PAUSED, mark_time
from services.stats.facts.dossier_measures import MEASURES, Measure, Stock
from services.stats.measures.cells import Cell, Entry, day_cells, fill, stock_cells
from services.stats.measures.cursors import read_cursor, written_cursor
from services.stats.measures.domain import BadCursor
from services.stats.measures.queries import Scope
from services.stats.totals.query import looked_up
from shared.runtime.clock import VIETNAM


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    Attributes:
        codes: of dossiers.
        next: stands for this page when the next one is asked for; None on the last page.
    """

    codes: list[str]
    next: str | None


def list_codes(connection: Connection, measure: str, scope: Scope, after: str = "", limit: int = 100) -> Page:
    """A page of the dossiers behind a number.

    Args:
        connection: reads.
        measure: one of :data:`services.stats.facts.dossier_measures.MEASURES`.
        scope: period and filters.
        after: `next` of the previous page; empty for the first page.
        limit: the most codes.

    Raises:
        BadCursor: `after` is not `next` of a page.
    """
    position = _position(after)
    reader = scope.reader(connection)
    defined = MEASURES[measure]
    rows: _StockRows | _DayRows
    if isinstance(defined, Stock):
        cells, rows = stock_cells(reader, measure, scope, position, limit + 1), _StockRows(connection, defined, scope)
    else:
        cells, rows = day_cells(reader, measure, scope, position, limit + 1), _DayRows(connection, defined, scope)
    entries: list[Entry] = []
    for wanted in fill(cells, position, limit + 1):
        found = rows.read(wanted)
        entries += sorted(entry for entry in found if position is None or entry > position)
        if len(entries) > limit:
            break
    page = entries[:limit]
    return Page([code for *_, code in page], written_cursor(*page[-1]) if len(entries) > limit else None)


def _position(after: str) -> Entry | None:
    parts = read_cursor(after, 3)
    if not parts:
        return None
    try:
        if parts[0]:
            date.fromisoformat(parts[0])
    except ValueError as error:
        raise BadCursor from error
    return parts[0], parts[1], parts[2]


_HANDLING = "coalesce(d.handling_agency, d.agency)"
"""As in :func:`services.stats.facts.dossiers.place`."""


class _Rows:
    """Reads the dossiers of cells."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._postgresql = connection.dialect.name == "postgresql"
        self._values: dict[str, Any] = {}
        self._conditions: list[str] = []
        for name, value in scope.filters.items():
            if name == "handling_agency":
                self._values["handling"] = value
                self._conditions.append(f"{_HANDLING} = :handling")
            else:
                self._equal(name, value)
        if scope.agencies is not None:
            elements = (
                "json_array_elements_text(CAST(:seen AS json))" if self._postgresql else "value FROM json_each(:seen)"
            )
            self._values["seen"] = orjson.dumps(sorted(scope.agencies)).decode()
            self._conditions.append(f"(d.agency IN (SELECT {elements}) OR d.handling_agency IN (SELECT {elements}))")

    @property
    def condition(self) -> tuple[list[str], dict[str, Any]]:
        """The conditions and their values."""
        return self._conditions, self._values

    def _equal(self, name: str, value: Any) -> None:
        if isinstance(value, bool):
            self._conditions.append(f"d.{name} IS {'TRUE' if value else 'FALSE'}")
            return
        self._values[f"of_{name}"] = value
        self._conditions.append(f"d.{name} = :of_{name}")

    def _moment(self, at: datetime) -> str:
        """A time as the database compares it."""
        if self._postgresql:
            return at.isoformat()
        return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")

    def _select(self, cells: list[dict[str, Any]], columns: str, conditions: Sequence[str]) -> list[Entry]:
        found: list[Entry] = []
        known = [cell for cell in cells if cell["agency"]]
        unknown = [{**cell, "agency": ""} for cell in cells if not cell["agency"]]
        for given, agency in ((known, "d.agency = c.agency"), (unknown, "d.agency IS NULL")):
            if not given:
                continue
            if self._postgresql:
                records = f"json_to_recordset(CAST(:cells AS json)) AS c ({columns})"
            else:
                names = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in cells[0])
                records = f"(SELECT {names} FROM json_each(:cells)) AS c"
            dossiers = looked_up("dossier", "d", [agency, *conditions, *self._conditions], self._postgresql)
            statement = f"SELECT c.day, c.agency, d.code FROM {records} CROSS JOIN {dossiers}"
            values = {**self._values, "cells": orjson.dumps(given).decode()}
            found += [(row[0], row[1], row[2]) for row in self._connection.execute(text(statement), values)]
        return found


_MARKS = {
    True: '(SELECT value COLLATE "C" AS mark FROM json_array_elements_text(CAST(d.{column} AS json))) AS m',
    False: "(SELECT value AS mark FROM json_each(d.{column})) AS m",
}


def list_condition(connection: Connection, measure: Measure | Stock, scope: Scope) -> tuple[list[str], dict[str, Any]]:
    """What a list asks of a dossier besides the agency and the day, as SQL about `d`, with its values.

    Args:
        connection: for whose database.
        measure: of the list.
        scope: the moment, filters and agencies.
    """
    if isinstance(measure, Stock):
        return _StockRows(connection, measure, scope).condition
    return _DayRows(connection, measure, scope).condition


class _DayRows(_Rows):
    """Reads the dossiers of days and agencies.

    Args:
        connection: reads.
        measure: that counts them.
        scope: period and filters.
    """

    def __init__(self, connection: Connection, measure: Measure, scope: Scope) -> None:
        super().__init__(connection, scope)
        self._moment_column = measure.moment
        for name, value in measure.equal.items():
            self._equal(name, value)
        self._conditions += [f"d.{name} IS NOT NULL" for name in measure.known]

    def read(self, cells: Sequence[Cell]) -> list[Entry]:
        """All dossiers of cells."""
        given = []
        for day, agency, _ in cells:
            begin = datetime.combine(date.fromisoformat(day), time.min, VIETNAM)
            given.append(
                {
                    "day": day,
                    "agency": agency,
                    "low": self._moment(begin),
                    "high": self._moment(begin + timedelta(days=1)),
                }
            )
        columns = "day text, agency text, low timestamptz, high timestamptz"
        return self._select(given, columns, [f"d.{self._moment_column} >= c.low", f"d.{self._moment_column} < c.high"])


class _StockRows(_Rows):
    """Reads the dossiers that are in a state at a moment.

    Args:
        connection: reads.
        stock: the state.
        scope: period and filters.
    """

    def __init__(self, connection: Connection, stock: Stock, scope: Scope) -> None:
        super().__init__(connection, scope)
        at = "CAST(:at AS timestamptz)" if self._postgresql else ":at"
        self._values["at"] = self._moment(scope.observed_until)
        self._conditions.append(f"d.ended_at >= {at}")
        self._conditions += [f"d.{name} < {at}" for name in stock.since]
        self._conditions += [f"(d.{name} IS NULL OR d.{name} >= {at})" for name in stock.until if name != "ended_at"]
        if stock.clock is not None:
            marks = _MARKS[self._postgresql].format(column=stock.clock)
            self._values["mark"] = mark_time(scope.observed_until)
            self._conditions.append(f"(SELECT max(m.mark) FROM {marks} WHERE m.mark < :mark) LIKE '%{PAUSED}'")

    def read(self, cells: Sequence[Cell]) -> list[Entry]:
        """All dossiers of agencies."""
        return self._select([{"day": "", "agency": agency} for _, agency, _ in cells], "day text, agency text", [])
