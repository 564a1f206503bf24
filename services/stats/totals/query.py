"""The statement that sums cells of a total, and the differences that are not folded into them yet, as one moment has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import orjson
from sqlalchemy import Connection, text

from services.stats.totals.places import AGENCIES, ALL, LEVELS, PARTS
from services.stats.totals.spans import block, cover
from services.stats.totals.tables import Total

MANY_PAIRS = 200
"""From so many pairs of agencies on, all cells of an interval are read instead of those of each pair, if they are of these pairs alone."""

Asked = tuple[int, int, int]
"""Label, and the numbers of the first and the last day; none if the last is before the first."""
Sum = tuple[int, tuple[str, ...], dict[str, int]]
"""Label, values of the parts that were asked for, and column → sum."""


class Query:
    """One question. The joins are written in the order in which they are to be done.

    Args:
        total: is summed.
        level: of detail of the cells.
        columns: which numbers.
        by: parts of the place, or columns of kinds, for which sums are apart.
        filters: part of the place → the code that it must have; those of agencies are ignored, since pairs are given.
        kinds: column of kinds → the code that it must have.
        postgresql: whether it is for PostgreSQL; for SQLite otherwise.
    """

    def __init__(
        self,
        total: Total,
        level: int,
        columns: Sequence[str],
        by: Sequence[str],
        filters: Mapping[str, str],
        kinds: Mapping[str, str],
        postgresql: bool,
    ) -> None:
        self._total, self._columns, self._by = total, columns, by
        self._postgresql = postgresql
        self._values: dict[str, str] = {}
        self._narrow = {name: value for name, value in {**filters, **kinds}.items() if name not in AGENCIES}
        narrowed = []
        for name, value in self._narrow.items():
            narrowed.append(f"t.{name} = (SELECT id FROM total_code WHERE code = :of_{name})")
            self._values[f"of_{name}"] = value
        self._level = level
        if len(columns) == 1:  # most cells have nothing of most measures
            narrowed.append(f"t.{columns[0]} IS NOT NULL")
        self._of_cells = [f"t.{name} = {ALL}" for name in sorted(PARTS - LEVELS[level].parts)] + narrowed
        self._of_changes = list(narrowed)
        self._tables: list[str] = []
        self._ranges = ""
        self._only_label = ""
        self._is_one_range = False
        self._apart: tuple[str, ...] = ()

    def ask(self, asked: Sequence[Asked]) -> None:
        """Says which days are summed."""
        intervals = [
            {"label": label, "block": block(self._level, one)}
            for label, first, last in asked
            for one in cover(first, last, LEVELS[self._level].spans)
        ]
        ranges = [{"label": label, "first": first, "last": last} for label, first, last in asked]
        self._take(intervals, ranges)

    def ask_pairs(self, asked: Sequence[tuple[int, int, tuple[int, int]]]) -> None:
        """Says which intervals of which pairs of agencies are summed: first and last day, which is also the label, and pair."""
        intervals, ranges = [], []
        for first, last, (agency, handling) in asked:
            of_pair = {"label": first, "agency": agency, "handling_agency": handling}
            intervals.append(of_pair | {"block": block(self._level, (last - first + 1, first))})
            ranges.append(of_pair | {"first": first, "last": last})
        self._apart = ("agency", "handling_agency")
        self._of_cells += [f"t.{name} = i.{name}" for name in self._apart]
        self._take(intervals, ranges)

    def _take(self, intervals: Sequence[Mapping[str, int]], ranges: Sequence[Mapping[str, int]]) -> None:
        if not intervals:
            return
        self._tables.append(self._records("intervals", "i", intervals))
        self._ranges = self._records("ranges", "r", ranges)
        labels = {one["label"] for one in ranges}
        self._only_label = str(labels.pop()) if len(labels) == 1 else ""
        first, last = min(one["first"] for one in ranges), max(one["last"] for one in ranges)
        self._of_changes.append(f"t.day BETWEEN {first} AND {last}")
        self._is_one_range = len(ranges) == 1

    def restrict(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Sums some pairs of agencies alone."""
        records = [{"agency": agency, "handling_agency": handling} for agency, handling in pairs]
        table = self._records("pairs", "p", records)
        among = f"(t.agency, t.handling_agency) IN (SELECT p.agency, p.handling_agency FROM {table})"
        self._of_changes.append(among)
        if len(pairs) < MANY_PAIRS or self._narrow.keys() & PARTS:
            self._tables.append(table)
            self._of_cells += ["t.agency = p.agency", "t.handling_agency = p.handling_agency"]
        else:
            self._of_cells.append(among)

    def _records(self, name: str, alias: str, records: Sequence[Mapping[str, int]]) -> str:
        self._values[name] = orjson.dumps(records).decode()
        if self._postgresql:
            columns = ", ".join(f"{column} integer" for column in records[0])
            return f"json_to_recordset(CAST(:{name} AS json)) AS {alias} ({columns})"
        columns = ", ".join(f"json_extract(value, '$.{column}') AS {column}" for column in records[0])
        return f"(SELECT {columns} FROM json_each(:{name})) AS {alias}"

    def run(self, connection: Connection) -> list[Sum]:
        """The sums, in order of label and values."""
        if not self._ranges:
            return []
        width = 1 + len(self._by)
        return [
            (row[0], tuple(row[1:width]), dict(zip(self._columns, row[width:], strict=True)))
            for row in connection.execute(text(self._statement()), self._values)
        ]

    def _statement(self) -> str:
        codes = [f"code_{name}.code" for name in self._by]
        joins = "".join(f" JOIN total_code AS code_{name} ON code_{name}.id = s.{name}" for name in self._by)
        sums = ", ".join(f"CAST(coalesce(sum(s.{name}), 0) AS bigint)" for name in self._columns)
        group = ", ".join(["s.label", *codes])
        return (
            f"SELECT {group}, {sums} FROM ({self._cells()} UNION ALL {self._changes()}) AS s{joins} "
            f"GROUP BY {group} ORDER BY {group}"
        )

    def _cells(self) -> str:
        parts = [f"t.{name}" for name in self._by]
        group = ", ".join(parts if self._only_label else ["i.label", *parts])
        shown = ", ".join([f"{self._only_label or 'i.label'} AS label", *parts])
        sums = ", ".join(f"sum(t.{name}) AS {name}" for name in self._columns)
        cells = looked_up(
            self._total.name,
            "t",
            ["t.block = i.block", *self._of_cells],
            self._postgresql,
            dict.fromkeys((*self._by, *self._columns)),
        )
        grouped = f" GROUP BY {group}" if group else ""
        return f"SELECT {shown}, {sums} FROM {' CROSS JOIN '.join(self._tables)} CROSS JOIN {cells}{grouped}"

    def _changes(self) -> str:
        """Of several ranges summed by day first, since there are far fewer days than rows, and each may be in several ranges."""
        sums = ", ".join(f"sum(t.{name}) AS {name}" for name in self._columns)
        source = f"FROM {self._total.changes.name} AS t WHERE {' AND '.join(self._of_changes)}"
        if self._is_one_range and not self._apart:
            shown = ", ".join([self._only_label, *(f"t.{name}" for name in self._by)])
            grouped = f" GROUP BY {', '.join(f't.{name}' for name in self._by)}" if self._by else ""
            return f"SELECT {shown}, {sums} {source}{grouped}"
        parts = dict.fromkeys((*self._by, *self._apart))
        group = ", ".join(["t.day", *(f"t.{name}" for name in parts)])
        days = f"SELECT {group}, {sums} {source} GROUP BY {group}"
        shown = ", ".join(["r.label", *(f"d.{name}" for name in (*self._by, *self._columns))])
        inside = ["d.day BETWEEN r.first AND r.last", *(f"d.{name} = r.{name}" for name in self._apart)]
        return f"SELECT {shown} FROM ({days}) AS d JOIN {self._ranges} ON {' AND '.join(inside)}"


def looked_up(
    table: str, alias: str, conditions: Sequence[str], postgresql: bool, columns: Iterable[str] = ("*",)
) -> str:
    """A table, joined to what stands before it by looking up each of its rows in an index; it ends the FROM clause.

    PostgreSQL does not know how many rows a JSON parameter has, and would rather read the whole table; it never takes a subquery with
    OFFSET apart. SQLite joins in the order that is written.
    """
    where = " AND ".join(conditions)
    if postgresql:
        return f"LATERAL (SELECT {', '.join(columns)} FROM {table} AS {alias} WHERE {where} OFFSET 0) AS {alias}"
    return f"{table} AS {alias} WHERE {where}"
