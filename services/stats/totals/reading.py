"""Sums of totals: over any days, for any filter, by any part of the place. Each is one indexed read over days and agencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, text

from services.stats.totals.places import AGENCIES, LEVELS, PARTS, level_of
from services.stats.totals.query import Asked, Query
from services.stats.totals.spans import DAYS, SPANS, block
from services.stats.totals.tables import Total


class Pair(NamedTuple):
    """A receiving and a handling agency.

    Attributes:
        agency, handling_agency: their codes.
        numbers: of these codes.
    """

    agency: str
    handling_agency: str
    numbers: tuple[int, int]


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
        label: of the days, as they were asked for.
        by: the values of the parts that were asked for.
        numbers: column → sum.
    """

    label: int
    by: tuple[str, ...]
    numbers: Mapping[str, int]


class Reader:
    """Reads totals in one transaction.

    Args:
        connection: reads.
        where: which places.
    """

    def __init__(self, connection: Connection, where: Where) -> None:
        self._connection = connection
        self._postgresql = connection.dialect.name == "postgresql"
        self._where = where
        self._filters = dict(where.filters)
        self.pairs, self.all_visible = self._visible()

    def _visible(self) -> tuple[list[Pair], bool]:
        """The pairs of agencies that are summed, and whether these are all there are."""
        agencies, filters = self._where.agencies, self._filters
        if agencies is None and not AGENCIES & filters.keys():
            return [], True
        known = self._known_pairs()
        seen = [
            pair
            for pair in known
            if (agencies is None or pair.agency in agencies or pair.handling_agency in agencies)
            and filters.get("agency", pair.agency) == pair.agency
            and filters.get("handling_agency", pair.handling_agency) == pair.handling_agency
        ]
        return seen, len(seen) == len(known)

    def _known_pairs(self) -> list[Pair]:
        return [Pair(row[0], row[1], (row[2], row[3])) for row in self._connection.execute(_PAIRS)]

    def visible_pairs(self) -> list[Pair]:
        """All pairs of agencies that are summed, in order of their codes."""
        if self.all_visible and not self.pairs:
            self.pairs = self._known_pairs()
        return self.pairs

    def sums(
        self,
        total: Total,
        asked: Sequence[Asked],
        columns: Sequence[str],
        by: Sequence[str] = (),
        only: Iterable[Pair] | None = None,
        kinds: Mapping[str, str] | None = None,
    ) -> list[Found]:
        """Sums over days, apart for each label.

        Args:
            total: which table.
            asked: labels, first and last days; several may have one label.
            columns: which numbers.
            by: parts of the place, or columns of kinds, for which sums are apart; their values are ordered.
            only: pairs of agencies to which the sums are restricted besides.
            kinds: column of kinds → the value that it must have.
        """
        pairs = None if self.all_visible and only is None else self.pairs if only is None else list(only)
        if not asked or (pairs is not None and not pairs):
            return []
        query = Query(
            total, self._level(by, pairs is not None), columns, by, self._filters, kinds or {}, self._postgresql
        )
        query.ask(asked)
        if pairs is not None:
            query.restrict([pair.numbers for pair in pairs])
        return [Found(*row) for row in query.run(self._connection)]

    def spans(self, by: Sequence[str]) -> tuple[int, ...]:
        """The lengths of intervals in which :meth:`sums_at` can ask."""
        return LEVELS[self._level(by, True)].spans

    def sums_at(
        self,
        total: Total,
        cells: Iterable[tuple[int, int, Pair]],
        columns: Sequence[str],
        by: Sequence[str] = (),
    ) -> list[Found]:
        """Sums over intervals, each of its own pair of agencies, apart for each first day.

        Args:
            total: which table.
            cells: first day, length (one of :meth:`spans`) and pair.
            columns, by: as for :meth:`sums`.
        """
        query = Query(total, self._level(by, True), columns, by, self._filters, {}, self._postgresql)
        query.ask_pairs([(first, first + span - 1, pair.numbers) for first, span, pair in cells])
        return [Found(*row) for row in query.run(self._connection)]

    def first_day(self, total: Total) -> int | None:
        """The first day of the first block of the longest intervals that has anything; None if nothing has."""
        base = block(len(LEVELS) - 1, (SPANS[-1], 0))
        days = self._connection.execute(
            text(
                f"SELECT min(block) - {base} FROM {total.name} WHERE block >= {base} AND block < {base + DAYS} "
                f"UNION ALL SELECT min(day) FROM {total.changes.name}"
            )
        ).scalars()
        return min((day for day in days if day is not None), default=None)

    def until(self, label: int, total: Total, day: int) -> Asked:
        """All days to one, inclusive, from the first of which anything is known."""
        first = self.first_day(total)
        return label, day + 1 if first is None else first, day

    def _level(self, by: Sequence[str], of_pairs: bool) -> int:
        parts = {*self._filters, *by} & PARTS
        if of_pairs:
            parts |= AGENCIES
        elif not AGENCIES & set(by):
            parts -= AGENCIES  # all pairs have the value of the filter
        return level_of(frozenset(parts))


_PAIRS = text(
    "SELECT a.code, h.code, p.agency, p.handling_agency FROM agency_pair AS p JOIN total_code AS a ON a.id = p.agency "
    "JOIN total_code AS h ON h.id = p.handling_agency ORDER BY a.code, h.code"
)
