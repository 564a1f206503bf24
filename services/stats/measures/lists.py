"""The dossiers behind each number, in pages.

The totals tell at which agency and on which day there is anything, and how much; so a page reads only the dossiers of the few agencies
and days that fill it, from an index by agency and time, however sparse the measure and however far the page. Lists of what happened are
in order of the day, the receiving agency and the code; those of a moment in order of the receiving agency and the code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, text

from services.stats.facts.dossier_clock import PAUSED, mark_time
from services.stats.facts.dossier_measures import MEASURES, Measure, Stock
from services.stats.measures.cursors import read_cursor, written_cursor
from services.stats.measures.domain import BadCursor
from services.stats.measures.queries import Scope
from services.stats.totals.reading import Reader, looked_up
from services.stats.totals.tables import DOSSIERS
from shared.runtime.clock import VIETNAM

WINDOWS = (8, 56, 448)
"""Days, or agencies, of which cells are read at once, until a page is full; the last again and again."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    Attributes:
        codes: of dossiers.
        next: stands for this page when the next one is asked for; None on the last page.
    """

    codes: list[str]
    next: str | None


Entry = tuple[str, str, str]
"""ISO day ("" in a list of a moment), receiving agency ("" if it is not known), and code."""
Cell = tuple[str, str, int]
"""ISO day, receiving agency, and how many dossiers."""


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
        cells, rows = _stock_cells(reader, measure, scope, position), _StockRows(connection, defined, scope)
    else:
        cells, rows = _day_cells(reader, measure, scope, position), _DayRows(connection, defined, scope)
    entries: list[Entry] = []
    for wanted in _fill(cells, position, limit + 1):
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


def _fill(cells: Iterable[Cell], position: Entry | None, wanted: int) -> Iterator[list[Cell]]:
    """Groups of cells that together have as many dossiers as are wanted; those of the position may all be on pages before."""
    group: list[Cell] = []
    missing = wanted
    for cell in cells:
        group.append(cell)
        if position is None or cell[:2] != position[:2]:
            missing -= cell[2]
        if missing <= 0:
            yield group
            group, missing = [], wanted
    if group:
        yield group


def _day_cells(reader: Reader, measure: str, scope: Scope, position: Entry | None) -> Iterator[Cell]:
    """The days and agencies of a period that have anything, in order, from a position on."""
    first, last = scope.period.days
    begin = max(first, date.fromisoformat(position[0]).toordinal()) if position and position[0] else first
    days: Sequence[int] = range(begin, last + 1)
    if reader.all_visible:
        found = reader.sums(DOSSIERS, [(day, (1, day)) for day in days], (measure,))
        days = [one.label for one in found if one.numbers[measure]]
    for window in _windows(days):
        cells: dict[tuple[str, str], int] = defaultdict(int)
        for one in reader.sums(DOSSIERS, [(day, (1, day)) for day in window], (measure,), ("agency",)):
            cells[date.fromordinal(one.label).isoformat(), one.by[0]] += one.numbers[measure]
        for (day, agency), number in sorted(cells.items()):
            if number and (position is None or (day, agency) >= position[:2]):
                yield day, agency, number


def _stock_cells(reader: Reader, measure: str, scope: Scope, position: Entry | None) -> Iterator[Cell]:
    """The agencies that have anything at a moment, in order, from a position on."""
    intervals = [(0, interval) for interval in reader.until(DOSSIERS, scope.observed_day)]
    left = sum(one.numbers[measure] for one in reader.sums(DOSSIERS, intervals, (measure,)))
    if not left:
        return
    pairs = defaultdict(list)
    for pair in reader.visible_pairs():
        if position is None or pair[0] >= position[1]:
            pairs[pair[0]].append(pair)
    for window in _windows(sorted(pairs)):
        only = [pair for agency in window for pair in pairs[agency]]
        for one in reader.sums(DOSSIERS, intervals, (measure,), ("agency",), only):
            if number := one.numbers[measure]:
                yield "", one.by[0], number
                left -= number
        if left <= 0:
            return


def _windows(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    begin, sizes = 0, list(WINDOWS)
    while begin < len(values):
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        yield values[begin : begin + size]
        begin += size


class _Rows:
    """Reads the dossiers of cells."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._postgresql = connection.dialect.name == "postgresql"
        self._values: dict[str, Any] = {}
        self._conditions: list[str] = []
        for name, value in scope.filters.items():
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
