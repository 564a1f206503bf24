"""Which days and agencies have anything of a measure, and how much: from the totals, in the order of its list, only as far as wanted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from services.stats.measures.queries import Scope
from services.stats.totals.reading import Found, Pair, Reader
from services.stats.totals.tables import DOSSIERS

FEW = 8
"""Days, or agencies, of which all cells are read at once."""
Entry = tuple[str, str, str]
"""ISO day ("" in a list of a moment), receiving agency ("" if it is not known), and code."""
Cell = tuple[str, str, int]
"""ISO day, receiving agency, and how many dossiers."""
_PAIR = ("agency", "handling_agency")


def day_cells(reader: Reader, measure: str, scope: Scope, position: Entry | None, wanted: int) -> Iterator[Cell]:
    """The days and agencies of a period that have anything, in order, from a position on."""
    first, last = scope.period.days
    begin = max(first, date.fromisoformat(position[0]).toordinal()) if position and position[0] else first
    windows: Iterator[Sequence[int]]
    if reader.all_visible:
        found = reader.sums(DOSSIERS, [(day, day, day) for day in range(begin, last + 1)], (measure,))
        windows = _enough([(one.label, one.numbers[measure]) for one in found if one.numbers[measure]], wanted)
    else:
        windows = _windows(range(begin, last + 1))
    for window in windows:
        cells: dict[tuple[str, str], int] = defaultdict(int)
        for one in _cells_of_days(reader, measure, window):
            cells[date.fromordinal(one.label).isoformat(), one.by[0]] += one.numbers[measure]
        for (day, agency), number in sorted(cells.items()):
            if number and (position is None or (day, agency) >= position[:2]):
                yield day, agency, number


def _enough(days: Sequence[tuple[int, int]], wanted: int) -> Iterator[Sequence[int]]:
    """Days in groups that have as many dossiers together as are wanted; the first day may be on pages before."""
    group: list[int] = []
    missing = wanted
    for place, (day, number) in enumerate(days):
        group.append(day)
        missing -= number if place else 0
        if missing <= 0:
            yield group
            group, missing = [], wanted
    if group:
        yield group


def _cells_of_days(reader: Reader, measure: str, days: Sequence[int]) -> list[Found]:
    """The cells of days, by receiving agency. Of many days, longer intervals tell first which agencies have anything at all."""
    if len(days) <= FEW:
        return reader.sums(DOSSIERS, [(day, day, day) for day in days], (measure,), ("agency",))
    pairs = {(pair.agency, pair.handling_agency): pair for pair in reader.visible_pairs()}
    found: list[Found] = []
    seen: dict[int, list[Pair]] = {}
    longer = 0
    for span in _narrowing(reader.spans(_PAIR), days[-1] - days[0] + 1):
        starts = sorted({day - day % span for day in days})
        if not longer:
            found = reader.sums(DOSSIERS, [(start, start, start + span - 1) for start in starts], (measure,), _PAIR)
        else:
            cells = ((start, span, pair) for start in starts for pair in seen.get(start - start % longer, ()))
            found = reader.sums_at(DOSSIERS, cells, (measure,), _PAIR)
        seen = {}
        for one in found:
            pair = pairs.get((one.by[0], one.by[1]))  # None: it came after the pairs were read
            if one.numbers[measure] and pair is not None:
                seen.setdefault(one.label, []).append(pair)
        longer = span
    return found


def _narrowing(spans: Sequence[int], days: int) -> list[int]:
    """The lengths of intervals to ask, longest first; longer ones than the days have much more than is looked for."""
    return [span for span in reversed(spans) if span <= max(days, spans[1])]


def stock_cells(reader: Reader, measure: str, scope: Scope, position: Entry | None, wanted: int) -> Iterator[Cell]:
    """The agencies that have anything at a moment, in order, from a position on."""
    asked = [reader.until(0, DOSSIERS, scope.observed_day)]
    left = sum(one.numbers[measure] for one in reader.sums(DOSSIERS, asked, (measure,)))
    if not left:
        return
    pairs = defaultdict(list)
    for pair in reader.visible_pairs():
        if position is None or pair.agency >= position[1]:
            pairs[pair.agency].append(pair)
    for window in _windows(sorted(pairs), max(FEW, len(pairs) * wanted // left + 1)):
        only = [pair for agency in window for pair in pairs[agency]]
        for one in reader.sums(DOSSIERS, asked, (measure,), ("agency",), only):
            if number := one.numbers[measure]:
                yield "", one.by[0], number
                left -= number
        if left <= 0:
            return


def _windows(values: Sequence[Any], first: int = FEW) -> Iterator[Sequence[Any]]:
    """Parts of some values, each eight times as long as the one before."""
    begin, size = 0, first
    while begin < len(values):
        yield values[begin : begin + size]
        begin, size = begin + size, size * 8


def fill(cells: Iterable[Cell], position: Entry | None, wanted: int) -> Iterator[list[Cell]]:
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
