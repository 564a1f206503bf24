"""Recounts the facts, and names every total and every list that differs; also repairs the totals.

All cells of totals are computed anew from what each row contributes, in temporary tables, and compared with those that are kept. The
lists are compared by their own conditions: how many dossiers they have of each agency and day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, select, text

from services.stats.facts.dossier_measures import MEASURES, Stock
from services.stats.facts.rows import Row, Subject
from services.stats.facts.subjects import FAMILY
from services.stats.measures.domain import Period
from services.stats.measures.lists import list_condition
from services.stats.measures.queries import Scope
from services.stats.totals.places import ALL, BY_AGENCY, NOWHERE, OF_ALL_AGENCIES, Place
from services.stats.totals.reading import Reader, Where
from services.stats.totals.spans import SPANS
from services.stats.totals.tables import DOSSIERS, TOTALS, Total, agency_pairs
from services.stats.totals.writing import Differences, add
from shared.persistence.sql import insert, json_text
from shared.runtime.clock import VIETNAM

CHUNK = 4000
MOST = 1000
"""Differences that are named at most."""
STOCK_DAYS = 31
"""Of how many last days the lists of a moment are compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that is not what the facts say.

    Attributes:
        what: which number: its table and cell, or its list and agency.
        name: the column or measure.
        counted: what the facts say.
        kept: what the totals say.
    """

    what: str
    name: str
    counted: int
    kept: int


def lock(connection: Connection) -> None:
    """Keeps others from writing facts until the transaction ends; they wait. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        tables = ", ".join(f'"{subject.table.name}"' for subject in FAMILY.subjects)
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")


def verify(connection: Connection, today: date, repair: bool = False) -> list[Difference]:
    """Compares all totals and lists with the facts.

    Args:
        connection: in a transaction that sees one moment; with `repair`, one in which nobody else writes facts.
        today: the local day.
        repair: whether wrong cells are set right.

    Returns:
        the differences, at most :data:`MOST`; those of lists are looked for after the repair.
    """
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL work_mem = '256MB'")
    found: list[Difference] = []
    for total in TOTALS:
        recount = _Recount(connection, total)
        recount.count()
        for detail, span in recount.cells():
            found += recount.differences(detail, span, MOST - len(found))
            if repair:
                recount.repair(detail, span)
        recount.drop()
    found += _of_lists(connection, today, MOST - len(found))
    return found


class _Recount:
    """The cells of one table of totals, counted anew in temporary tables: one for each level of detail and length of interval."""

    def __init__(self, connection: Connection, total: Total) -> None:
        self._connection = connection
        self._total = total
        self._postgresql = connection.dialect.name == "postgresql"
        self._keys = ("start", "agency", "handling_agency", "procedure", "field", "channel", *total.kinds)
        self._made: list[str] = []

    def _name(self, detail: int, span: int) -> str:
        return f"counted_{self._total.name}_{detail}_{span}"

    def _run(self, statement: str, values: Mapping[str, Any] | None = None) -> Any:
        return self._connection.execute(text(statement), values or {})

    def cells(self) -> Iterator[tuple[int, int]]:
        """The levels and lengths."""
        for detail in range(2 * OF_ALL_AGENCIES):
            for span in SPANS:
                yield detail, span

    def count(self) -> None:
        """Counts all cells."""
        raw = f"counted_{self._total.name}"
        columns = [f'"{name}" {"integer" if name == "start" else "text"}' for name in self._keys]
        columns += [f'"{name}" bigint' for name in self._total.values]
        self._run(f"CREATE TEMPORARY TABLE {raw} ({', '.join(columns)})")
        for subject in FAMILY.subjects:
            if subject.total is self._total:
                for chunk in _chunks(self._connection, subject):
                    self._add(raw, chunk)
        finest = (2, SPANS[0])
        self._gather(finest, raw, {})
        self._run(f"DROP TABLE {raw}")
        for span, longer in pairwise(SPANS):
            self._gather((2, longer), self._name(2, span), {"start": f"start - start % {longer}"})
        for span in SPANS:
            self._gather((1, span), self._name(2, span), {"procedure": f"'{ALL}'"})
            self._gather((0, span), self._name(1, span), {"field": f"'{ALL}'"})
            for detail in range(OF_ALL_AGENCIES):
                everywhere = {"agency": f"'{ALL}'", "handling_agency": f"'{ALL}'"}
                self._gather((detail + OF_ALL_AGENCIES, span), self._name(detail, span), everywhere)

    def _add(self, raw: str, found: Differences) -> None:
        rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        for (place, day, kinds, column), number in found.items():
            row = rows.get((place, day, kinds))
            if row is None:
                row = rows[place, day, kinds] = {"start": day, **place._asdict()}
                row |= dict(zip(self._total.kinds, kinds, strict=True)) | dict.fromkeys(self._total.values, 0)
            row[column] = number
        if not rows:
            return
        names = (*self._keys, *self._total.values)
        quoted = ", ".join(f'"{name}"' for name in names)
        if self._postgresql:
            statement = f"INSERT INTO {raw} ({quoted}) SELECT {quoted} FROM json_populate_recordset(null::{raw}, %s)"
            self._connection.exec_driver_sql(statement, (json_text(list(rows.values())),))
        else:
            statement = f"INSERT INTO {raw} ({quoted}) VALUES ({', '.join(f':{name}' for name in names)})"
            self._connection.execute(text(statement), list(rows.values()))

    def _gather(self, cell: tuple[int, int], source: str, changed: Mapping[str, str]) -> None:
        parts = [f'{changed.get(name, f"{chr(34)}{name}{chr(34)}")} AS "{name}"' for name in self._keys]
        sums = [f'CAST(sum("{name}") AS bigint) AS "{name}"' for name in self._total.values]
        grouped = ", ".join(str(position) for position in range(1, len(parts) + 1))
        self._run(
            f"CREATE TEMPORARY TABLE {self._name(*cell)} AS SELECT {', '.join([*parts, *sums])} FROM {source} GROUP BY {grouped}"
        )
        self._made.append(self._name(*cell))

    def _compared(self, detail: int, span: int) -> str:
        """A query of the cells that differ: key, and what is missing of each number, and what is kept."""
        keys = ", ".join(f'"{name}"' for name in self._keys)
        counted = ", ".join(f'"{name}", 0 AS "kept_{name}"' for name in self._total.values)
        kept = ", ".join(f'0 AS "{name}", "{name}" AS "kept_{name}"' for name in self._total.values)
        sums = ", ".join(
            f'CAST(sum("{name}") AS bigint) AS "{name}", CAST(sum("kept_{name}") AS bigint) AS "kept_{name}"'
            for name in self._total.values
        )
        different = " OR ".join(f'sum("{name}") <> sum("kept_{name}")' for name in self._total.values)
        return (
            f"SELECT {keys}, {sums} FROM (SELECT {keys}, {counted} FROM {self._name(detail, span)} UNION ALL "
            f"SELECT {keys}, {kept} FROM {self._total.name} WHERE detail = {detail} AND span = {span}) AS both_of_them "
            f"GROUP BY {keys} HAVING {different}"
        )

    def differences(self, detail: int, span: int, most: int) -> list[Difference]:
        """The differing numbers of cells of one level and length."""
        found: list[Difference] = []
        if most <= 0:
            return found
        for row in self._run(
            f"{self._compared(detail, span)} ORDER BY {_numbered(len(self._keys))} LIMIT {most}"
        ).mappings():
            cell = "/".join(str(row[name]) for name in self._keys[1:])
            day = date.fromordinal(row["start"]).isoformat()
            for name in self._total.values:
                if row[name] != row[f"kept_{name}"]:
                    what = f"{self._total.name} {detail}: {cell}, {span} days from {day}"
                    found.append(Difference(what, name, int(row[name]), int(row[f"kept_{name}"])))
        return found[:most]

    def repair(self, detail: int, span: int) -> None:
        """Sets the cells of one level and length right."""
        keys = ", ".join(f'"{name}"' for name in self._keys)
        values = ", ".join(f'"{name}"' for name in self._total.values)
        missing = ", ".join(f'"{name}" - "kept_{name}"' for name in self._total.values)
        changes = ", ".join(f'"{name}" = known."{name}" + excluded."{name}"' for name in self._total.values)
        self._run(
            f"INSERT INTO {self._total.name} AS known (detail, span, {keys}, {values}) "
            f"SELECT {detail}, {span}, {keys}, {missing} FROM ({self._compared(detail, span)}) AS wrong WHERE true "
            f"ON CONFLICT (detail, span, {keys}) DO UPDATE SET {changes}"
        )
        if (detail, span) == (BY_AGENCY, SPANS[-1]):
            pairs = self._run(f"SELECT DISTINCT agency, handling_agency FROM {self._name(detail, span)}").all()
            if pairs:
                seen = [{"agency": agency, "handling_agency": handling} for agency, handling in pairs]
                self._connection.execute(insert(agency_pairs, self._connection).on_conflict_do_nothing(), seen)

    def drop(self) -> None:
        """Drops the temporary tables."""
        for name in self._made:
            self._run(f"DROP TABLE {name}")


def _numbered(count: int) -> str:
    return ", ".join(str(position) for position in range(1, count + 1))


def _chunks(connection: Connection, subject: Subject) -> Iterator[Differences]:
    """What rows of facts contribute, some thousand rows at a time."""
    names = [str(column.name) for column in subject.table.columns]
    rows = connection.execute(select(subject.table), execution_options={"yield_per": CHUNK})
    for part in rows.partitions(CHUNK):
        known = [dict(zip(names, row, strict=True)) for row in part]
        places = _places(connection, subject, known)
        found = Differences()
        for row in known:
            dossier = subject.dossier_of(row)
            place = places.get(dossier, NOWHERE) if dossier is not None else NOWHERE
            add(found, subject.contributions(row), subject.place(row, place), 1)
        yield found


def _places(connection: Connection, subject: Subject, rows: Sequence[Row]) -> dict[str, Place]:
    """The places of the dossiers that rows belong to."""
    codes = sorted({code for row in rows if (code := subject.dossier_of(row)) is not None})
    dossiers = FAMILY.dossiers
    names = [str(column.name) for column in dossiers.table.columns]
    found: dict[str, Place] = {}
    for begin in range(0, len(codes), 500):
        wanted = select(dossiers.table).where(dossiers.table.c.code.in_(codes[begin : begin + 500]))
        for row in connection.execute(wanted):
            known = dict(zip(names, row, strict=True))
            found[known["code"]] = dossiers.place(known, NOWHERE)
    return found


def _of_lists(connection: Connection, today: date, most: int) -> list[Difference]:
    """Compares the lists with the totals, by receiving agency and day."""
    found: list[Difference] = []
    reader = Reader(connection, Where())
    for name, measure in MEASURES.items():
        if len(found) >= most:
            break
        if isinstance(measure, Stock):
            for back in range(STOCK_DAYS):
                found += _stock_differences(connection, reader, name, today - timedelta(days=back))
        else:
            found += _flow_differences(connection, name)
    return found[: max(most, 0)]


def _flow_differences(connection: Connection, name: str) -> Iterator[Difference]:
    measure = MEASURES[name]
    assert not isinstance(measure, Stock)
    postgresql = connection.dialect.name == "postgresql"
    column = f"d.{measure.moment}"
    day = f"CAST({column} AT TIME ZONE '{VIETNAM_NAME}' AS date)" if postgresql else f"date({column}, '+7 hours')"
    condition, values = list_condition(connection, measure, _scope(date(2000, 1, 1)))
    listed = connection.execute(
        text(
            f"SELECT {day}, coalesce(d.agency, ''), count(*) FROM dossier AS d "
            f"WHERE {' AND '.join([f'{column} IS NOT NULL', *condition])} GROUP BY 1, 2"
        ),
        values,
    )
    kept = connection.execute(
        text(
            f"SELECT start, agency, sum({name}) FROM dossier_total WHERE detail = {BY_AGENCY} AND span = 1 "
            f"GROUP BY start, agency HAVING sum({name}) <> 0"
        )
    )
    of_lists = {(_ordinal(row[0]), row[1]): int(row[2]) for row in listed}
    of_totals = {(int(row[0]), row[1]): int(row[2]) for row in kept}
    for key in sorted(of_lists.keys() | of_totals.keys()):
        if of_lists.get(key, 0) != of_totals.get(key, 0):
            what = f"list of {date.fromordinal(key[0]).isoformat()} at {key[1] or '-'}"
            yield Difference(what, name, of_lists.get(key, 0), of_totals.get(key, 0))


def _scope(day: date) -> Scope:
    return Scope(Period(day, day), datetime.combine(day, time(12), VIETNAM), {})


def _ordinal(day: date | str) -> int:
    return (date.fromisoformat(day) if isinstance(day, str) else day).toordinal()


VIETNAM_NAME = "Asia/Ho_Chi_Minh"


def _stock_differences(connection: Connection, reader: Reader, name: str, day: date) -> Iterator[Difference]:
    measure = MEASURES[name]
    condition, values = list_condition(connection, measure, _scope(day))
    listed = connection.execute(
        text(f"SELECT coalesce(d.agency, ''), count(*) FROM dossier AS d WHERE {' AND '.join(condition)} GROUP BY 1"),
        values,
    )
    intervals = [(0, interval) for interval in reader.until(DOSSIERS, day.toordinal())]
    of_lists = {row[0]: int(row[1]) for row in listed}
    of_totals = {one.by[0]: one.numbers[name] for one in reader.sums(DOSSIERS, intervals, (name,), ("agency",))}
    for agency in sorted(of_lists.keys() | of_totals.keys()):
        if of_lists.get(agency, 0) != of_totals.get(agency, 0):
            what = f"list at the end of {day.isoformat()} at {agency or '-'}"
            yield Difference(what, name, of_lists.get(agency, 0), of_totals.get(agency, 0))
