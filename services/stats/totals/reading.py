"""Sums of totals: over any days, for any filter, by any part of the place. Each is one indexed read over days and agencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, select, text

from services.stats.totals.places import ALL, BY_AGENCY, BY_FIELD, BY_PROCEDURE, OF_ALL_AGENCIES
from services.stats.totals.spans import SPANS, Interval, cover
from services.stats.totals.tables import Total, agency_pairs

MANY_PAIRS = 200
"""From so many pairs of agencies on, all cells of an interval are read instead of those of each pair."""

Pair = tuple[str, str]
"""Receiving and handling agency."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which places are summed.

    Attributes:
        filters: part of the place → the value that it must have.
        agencies: only places where one of these has received or handles; None for all.
    """

    filters: Mapping[str, str] = field(default_factory=dict)
    agencies: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A sum.

    Attributes:
        label: of the interval, as it was asked for.
        by: the values of the parts that were asked for.
        numbers: column → sum.
    """

    label: int
    by: tuple[Any, ...]
    numbers: Mapping[str, int]


class Reader:
    """Reads totals in one transaction.

    Args:
        connection: reads.
        where: which places.
    """

    def __init__(self, connection: Connection, where: Where) -> None:
        self._connection = connection
        self._where = where
        self._filters = dict(where.filters)
        self._of_agencies = bool({"agency", "handling_agency"} & self._filters.keys())
        self.pairs, self.all_visible = self._visible()

    def _visible(self) -> tuple[list[Pair], bool]:
        """The pairs of agencies that are summed, and whether these are all there are."""
        if self._where.agencies is None and not self._of_agencies:
            return [], True
        known = [(row[0], row[1]) for row in self._connection.execute(_PAIRS)]
        agencies, filters = self._where.agencies, self._filters
        seen = [
            pair
            for pair in known
            if (agencies is None or pair[0] in agencies or pair[1] in agencies)
            and filters.get("agency", pair[0]) == pair[0]
            and filters.get("handling_agency", pair[1]) == pair[1]
        ]
        return seen, len(seen) == len(known)

    def visible_pairs(self) -> list[Pair]:
        """All pairs of agencies that are summed."""
        if not self.all_visible or self.pairs:
            return self.pairs
        return [(row[0], row[1]) for row in self._connection.execute(_PAIRS)]

    def sums(
        self,
        total: Total,
        intervals: Sequence[tuple[int, Interval]],
        columns: Sequence[str],
        by: Sequence[str] = (),
        only: Iterable[Pair] | None = None,
        kinds: Mapping[str, str] | None = None,
    ) -> list[Found]:
        """Sums over intervals, apart for each label.

        Args:
            total: which table.
            intervals: label and interval of each.
            columns: which numbers.
            by: parts of the place, ``start`` or columns of kinds for which sums are apart; their values are ordered.
            only: pairs of agencies to which the sums are restricted besides.
            kinds: column of kinds → the value that it must have.
        """
        apart = {"agency", "handling_agency"} & set(by)
        together = self.all_visible and not apart and only is None
        pairs = None if self.all_visible and only is None else self.pairs if only is None else list(only)
        if not intervals or (pairs is not None and not pairs):
            return []
        detail = self._detail(by) + (OF_ALL_AGENCIES if together else 0)
        statement, values = self._statement(total, detail, columns, by, pairs, kinds or {})
        values["intervals"] = orjson.dumps(
            [{"label": label, "span": span, "start": start} for label, (span, start) in intervals]
        ).decode()
        width = 1 + len(by)
        return [
            Found(row[0], tuple(row[1:width]), dict(zip(columns, map(int, row[width:]), strict=True)))
            for row in self._connection.execute(text(statement), values)
        ]

    def first_day(self, total: Total) -> int | None:
        """The first day of the first block of the longest intervals that has anything; None if nothing has."""
        found: int | None = self._connection.execute(
            text(f"SELECT min(start) FROM {total.name} WHERE detail = {OF_ALL_AGENCIES} AND span = {SPANS[-1]}")
        ).scalar_one()
        return found

    def until(self, total: Total, day: int) -> tuple[Interval, ...]:
        """The intervals from the beginning to a day, inclusive."""
        first = self.first_day(total)
        return () if first is None else cover(first, day)

    def _detail(self, by: Sequence[str]) -> int:
        parts = {*self._filters, *by}
        return BY_PROCEDURE if "procedure" in parts else BY_FIELD if "field" in parts else BY_AGENCY

    def _statement(
        self,
        total: Total,
        detail: int,
        columns: Sequence[str],
        by: Sequence[str],
        pairs: list[Pair] | None,
        kinds: Mapping[str, str],
    ) -> tuple[str, dict[str, Any]]:
        """The statement and its values but the intervals. The joins are written in the order in which they are to be done."""
        postgresql = self._connection.dialect.name == "postgresql"
        values: dict[str, Any] = {}
        conditions = [f"t.detail = {detail}", "t.span = i.span", "t.start = i.start"]
        tables = [_RECORDS[postgresql].format(name="intervals", alias="i", **_INTERVAL[postgresql])]
        if detail >= OF_ALL_AGENCIES:
            conditions += [f"t.agency = '{ALL}'", f"t.handling_agency = '{ALL}'"]
        elif pairs is not None:
            values["pairs"] = orjson.dumps([{"agency": one, "handling_agency": other} for one, other in pairs]).decode()
            records = _RECORDS[postgresql].format(name="pairs", alias="p", **_PAIR[postgresql])
            if len(pairs) < MANY_PAIRS:
                tables.append(records)
                conditions += ["t.agency = p.agency", "t.handling_agency = p.handling_agency"]
            else:
                conditions.append(f"(t.agency, t.handling_agency) IN (SELECT agency, handling_agency FROM {records})")
        level = detail % OF_ALL_AGENCIES
        if level < BY_PROCEDURE:
            conditions.append(f"t.procedure = '{ALL}'")
        if level < BY_FIELD:
            conditions.append(f"t.field = '{ALL}'")
        for name, value in {**self._filters, **kinds}.items():
            if name not in ("agency", "handling_agency"):
                conditions.append(f"t.{name} = :of_{name}")
                values[f"of_{name}"] = value
        sums = ", ".join(f"sum(t.{name})" for name in columns)
        group = ", ".join(["i.label", *(f"t.{name}" for name in by)])
        return (
            f"SELECT {group}, {sums} FROM {' CROSS JOIN '.join(tables)} "
            f"CROSS JOIN {looked_up(total.name, 't', conditions, postgresql)} GROUP BY {group} ORDER BY {group}",
            values,
        )


def looked_up(table: str, alias: str, conditions: Sequence[str], postgresql: bool) -> str:
    """A table, joined to what stands before it by looking up each of its rows in an index; it ends the FROM clause.

    PostgreSQL does not know how many rows a JSON parameter has, and would rather read the whole table; it never takes a subquery with
    OFFSET apart. SQLite joins in the order that is written.
    """
    where = " AND ".join(conditions)
    if postgresql:
        return f"LATERAL (SELECT * FROM {table} AS {alias} WHERE {where} OFFSET 0) AS {alias}"
    return f"{table} AS {alias} WHERE {where}"


_PAIRS = select(agency_pairs.c.agency, agency_pairs.c.handling_agency).order_by(*agency_pairs.primary_key)
_RECORDS = {
    True: "json_to_recordset(CAST(:{name} AS json)) AS {alias} ({columns})",
    False: "(SELECT {columns} FROM json_each(:{name})) AS {alias}",
}
_INTERVAL = {
    True: {"columns": "label integer, span smallint, start integer"},
    False: {
        "columns": "json_extract(value, '$.label') AS label, json_extract(value, '$.span') AS span, "
        "json_extract(value, '$.start') AS start"
    },
}
_PAIR = {
    True: {"columns": "agency text, handling_agency text"},
    False: {
        "columns": "json_extract(value, '$.agency') AS agency, json_extract(value, '$.handling_agency') AS handling_agency"
    },
}
