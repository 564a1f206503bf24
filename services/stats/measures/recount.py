"""Counts the cells of totals anew from the facts, in temporary tables, compares them with those that are kept, and sets these right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, select, text

from services.stats.facts.rows import Row, Subject
from services.stats.facts.subjects import FAMILY
from services.stats.totals.codes import codes, numbers_of
from services.stats.totals.places import AGENCIES, ALL, LEVELS, NOWHERE, Place, source_of
from services.stats.totals.spans import DAYS, SPANS, block
from services.stats.totals.tables import CELL, Total, agency_pairs
from services.stats.totals.writing import Differences, add
from shared.persistence.sql import insert, json_text

CHUNK = 4000
"""Rows of facts that are read at once."""
PARTS = CELL[1:]


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


class Recount:
    """The cells of one table of totals, counted anew in temporary tables: one for each level of detail and length of interval."""

    def __init__(self, connection: Connection, total: Total, codes: Codes) -> None:
        self._connection = connection
        self._total = total
        self._codes = codes
        self._postgresql = connection.dialect.name == "postgresql"
        self._keys = ("start", *PARTS, *total.kinds)
        self._made: list[str] = []
        kept = " UNION ALL ".join(f"SELECT 1 FROM {table.name}" for table in (total.table, total.changes))
        self._is_empty = not self._run(
            f"SELECT EXISTS ({kept})"
        ).scalar_one()  # then all cells are right as they are counted

    def _name(self, level: int, span: int) -> str:
        return f"counted_{self._total.name}_{level}_{span}"

    def _run(self, statement: str, values: Mapping[str, Any] | None = None) -> Any:
        return self._connection.execute(text(statement), values or {})

    def count(self) -> None:
        """Counts all cells."""
        raw = f"counted_{self._total.name}"
        columns = [f'"{name}" integer' for name in self._keys] + [f'"{name}" bigint' for name in self._total.values]
        self._run(f"CREATE TEMPORARY TABLE {raw} ({', '.join(columns)})")
        self._collect(raw)
        self._gather((0, SPANS[0]), raw, {})
        self._run(f"DROP TABLE {raw}")
        for number, level in enumerate(LEVELS):
            for shorter, span in pairwise(level.spans):
                self._gather((number, span), self._name(number, shorter), {"start": f"start / {span} * {span}"})
            if number + 1 < len(LEVELS):
                together = {name: str(ALL) for name in PARTS if name not in LEVELS[number + 1].parts}
                self._gather((number + 1, SPANS[0]), self._name(source_of(number + 1), SPANS[0]), together)

    def _collect(self, raw: str) -> None:
        """Writes what all rows of facts contribute into a table."""
        for subject in FAMILY.subjects:
            if subject.total is self._total:
                for chunk in _chunks(self._connection, subject):
                    self._add(raw, chunk)

    def _add(self, raw: str, found: Differences) -> None:
        rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        for (place, day, kinds, column), number in found.items():
            row = rows.get((place, day, kinds))
            if row is None:
                numbers = [self._codes.number(code) for code in (*place, *kinds)]
                row = rows[place, day, kinds] = {"start": day, **dict.fromkeys(self._total.values)}
                row |= zip((*Place._fields, *self._total.kinds), numbers, strict=True)
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

    def _compared(self, level: int, span: int) -> str:
        """A query of the cells that differ: key, and what is missing of each number, and what is kept."""
        keys = ", ".join(f'"{name}"' for name in self._keys)
        base, told = block(level, (span, 0)), LEVELS[level].parts
        of_kept = keys.replace('"start"', f"block - {base} AS start", 1)
        counted = ", ".join(f'coalesce("{name}", 0) AS "{name}", 0 AS "kept_{name}"' for name in self._total.values)
        kept = ", ".join(f'0 AS "{name}", coalesce("{name}", 0) AS "kept_{name}"' for name in self._total.values)
        not_folded = [
            f"day / {span} * {span}",
            *(name if name in told else str(ALL) for name in PARTS),
            *self._total.kinds,
        ]
        sums = ", ".join(
            f'CAST(sum("{name}") AS bigint) AS "{name}", CAST(sum("kept_{name}") AS bigint) AS "kept_{name}"'
            for name in self._total.values
        )
        different = " OR ".join(f'sum("{name}") <> sum("kept_{name}")' for name in self._total.values)
        return (
            f"SELECT {keys}, {sums} FROM (SELECT {keys}, {counted} FROM {self._name(level, span)} UNION ALL "
            f"SELECT {of_kept}, {kept} FROM {self._total.name} WHERE block >= {base} AND block < {base + DAYS} UNION ALL "
            f"SELECT {', '.join(not_folded)}, {kept} FROM {self._total.changes.name}) AS both_of_them GROUP BY {keys} HAVING {different}"
        )

    def differences(self, level: int, span: int, most: int) -> list[Difference]:
        """The differing numbers of cells of one level and length."""
        found: list[Difference] = []
        if most <= 0:
            return found
        for row in self._run(
            f"{self._compared(level, span)} ORDER BY {_numbered(len(self._keys))} LIMIT {most}"
        ).mappings():
            cell = "/".join("*" if row[name] == ALL else self._codes.code(row[name]) for name in self._keys[1:])
            day = date.fromordinal(row["start"]).isoformat()
            for name in self._total.values:
                if row[name] != row[f"kept_{name}"]:
                    what = f"{self._total.name}: {cell}, {span} days from {day}"
                    found.append(Difference(what, name, int(row[name]), int(row[f"kept_{name}"])))
        return found[:most]

    def repair(self, level: int, span: int) -> None:
        """Sets the cells of one level and length right."""
        base = block(level, (span, 0))
        keys = ", ".join(f'"{name}"' for name in self._total.key)
        of_counted = ", ".join([f"start + {base}", *(f'"{name}"' for name in self._keys[1:])])
        values = ", ".join(f'"{name}"' for name in self._total.values)
        if self._is_empty:
            given = ", ".join(f'nullif("{name}", 0)' for name in self._total.values)
            source = self._name(level, span)
        else:
            given = ", ".join(f'nullif("{name}" - "kept_{name}", 0)' for name in self._total.values)
            source = f"({self._compared(level, span)}) AS wrong"
        changes = ", ".join(
            f'"{name}" = nullif(coalesce(known."{name}", 0) + coalesce(excluded."{name}", 0), 0)'
            for name in self._total.values
        )
        known = "" if self._is_empty else f" ON CONFLICT ({keys}) DO UPDATE SET {changes}"
        self._run(
            f"INSERT INTO {self._total.name} AS known ({keys}, {values}) SELECT {of_counted}, {given} "
            f"FROM {source} WHERE true ORDER BY {_numbered(len(self._total.key))}{known}"
        )
        if (LEVELS[level].parts, span) == (AGENCIES, SPANS[-1]):
            pairs = self._run(f"SELECT DISTINCT agency, handling_agency FROM {self._name(level, span)}").all()
            if pairs:
                seen = [{"agency": agency, "handling_agency": handling} for agency, handling in pairs]
                self._connection.execute(insert(agency_pairs, self._connection).on_conflict_do_nothing(), seen)

    def drop(self) -> None:
        """Drops the temporary tables."""
        for name in self._made:
            self._run(f"DROP TABLE {name}")


class Codes:
    """The numbers of codes; codes that have none, which is a difference itself, get one in a repair, and one below 0 otherwise."""

    def __init__(self, connection: Connection, repair: bool) -> None:
        self._connection = connection
        self._repair = repair
        self._numbers: dict[str, int] = {row[1]: row[0] for row in connection.execute(select(codes.c.id, codes.c.code))}
        self._codes = {number: code for code, number in self._numbers.items()}

    def number(self, code: str) -> int:
        """The number of a code."""
        number = self._numbers.get(code)
        if number is None:
            number = numbers_of(self._connection, [code])[code] if self._repair else -len(self._numbers) - 1
            self._numbers[code], self._codes[number] = number, code
        return number

    def code(self, number: int) -> str:
        """The code of a number."""
        return self._codes.get(number, f"#{number}")


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
