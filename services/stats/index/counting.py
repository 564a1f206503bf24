"""Counts the parts of an index for every agency in one pass over dossiers, and lists the cases behind each number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select, true

from services.stats.facts.store import dossiers
from services.stats.index.domain import NOTHING, Count, Index, Part, View
from services.stats.index.formulas import (
    ALL,
    FORMULAS,
    MET,
    CaseFormula,
    DossierFormula,
    Window,
    agency_column,
    in_hand,
)
from services.stats.index.periods import IndexPeriod

Counts = Mapping[str, Mapping[str, Count]]
"""Agency → part → what was counted."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case behind a number: the code of a dossier or complaint, and whose it is."""

    code: str
    agency: str


def window_of(period: IndexPeriod, index: Index, as_of: datetime) -> Window:
    """What is counted of a period up to a moment."""
    days = period.days
    return Window(days.start, max(days.start, min(days.end, as_of)), index.dissatisfied_to)


def count(connection: Connection, index: Index, window: Window) -> dict[str, dict[str, Count]]:
    """Counts every measured part for every agency: one statement for all parts about dossiers, one for each other.

    Args:
        connection: reads.
        index: its parts.
        window: the period.
    """
    found: defaultdict[str, dict[str, Count]] = defaultdict(dict)
    _count_dossiers(connection, index, window, found)
    for part in index.parts:
        formula = FORMULAS.get(part.formula)
        if isinstance(formula, CaseFormula):
            cases = formula.cases(window).subquery()
            grouped = select(cases.c.agency, func.sum(cases.c.good), func.count()).group_by(cases.c.agency)
            for agency, good, number in connection.execute(grouped):
                found[agency][part.id] = Count(int(good), int(number))
    return dict(found)


def _count_dossiers(
    connection: Connection, index: Index, window: Window, found: defaultdict[str, dict[str, Count]]
) -> None:
    parts = [(part, FORMULAS[part.formula]) for part in index.parts if part.formula in FORMULAS]
    counted = [(part, formula) for part, formula in parts if isinstance(formula, DossierFormula)]
    if not counted:
        return
    places = [agency_column(view).label(view.value) for view in View]
    columns: list[ColumnElement[int]] = []
    for _, formula in counted:
        among = formula.among(window)
        columns += [_number(and_(among, formula.good(window))), _number(among)]
    grouped = select(*places, *columns).where(in_hand(window)).group_by(*(agency_column(view) for view in View))
    for row in connection.execute(grouped):
        of_view = dict(zip(View, row, strict=False))
        for position, (part, _) in enumerate(counted):
            good, number = (int(value) for value in row[len(places) + 2 * position :][:2])
            if number:
                of_agency = found[of_view[part.view]]
                of_agency[part.id] = of_agency.get(part.id, NOTHING) + Count(good, number)


def list_cases(
    connection: Connection,
    part: Part,
    side: str,
    window: Window,
    agencies: Collection[str] | None,
    after: tuple[str, str],
    limit: int,
) -> list[Case]:
    """A page of the cases behind a number, by code.

    Args:
        connection: reads.
        part: a measured part.
        side: one of those that :func:`services.stats.index.formulas.listed_sides` names.
        window: as the number was counted.
        agencies: only cases of these; None for all.
        after: code and agency of the last case of the page before; empty for the first page.
        limit: the most cases.
    """
    cases = _cases(part, side, window, agencies)
    code, agency = cases.selected_columns["code"], cases.selected_columns["agency"]
    page = cases.where(or_(code > after[0], and_(code == after[0], agency > after[1])))
    return [Case(*row) for row in connection.execute(page.order_by(code, agency).limit(limit))]


def _cases(part: Part, side: str, window: Window, agencies: Collection[str] | None) -> Select[Any]:
    formula = FORMULAS[part.formula]
    if isinstance(formula, DossierFormula):
        place = agency_column(part.view)
        good: ColumnElement[Any] = case((formula.good(window), 1), else_=0)
        among = [in_hand(window), formula.among(window)]
        found = select(dossiers.c.code, place.label("agency")).where(*among)
        found = found if agencies is None else found.where(place.in_(sorted(agencies)))
    else:
        rows = formula.cases(window).subquery()
        good = rows.c.good
        found = select(rows.c.code, rows.c.agency)
        found = found if agencies is None else found.where(rows.c.agency.in_(sorted(agencies)))
    return found.where(true() if side == ALL else good == (1 if side == MET else 0))


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
