"""Reads the indices and the rule of their ranking from ``services/stats/data``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

from services.stats.index.domain import (
    OUTSIDE,
    Band,
    Graded,
    Group,
    Index,
    NoIndex,
    Part,
    Scale,
    Steps,
    Threshold,
    View,
    in_force_on,
)
from services.stats.index.formulas import FORMULAS
from shared.data_files import Record, in_force, read_rules

DATA = Path(__file__).parent.parent / "data"
INDEX_FILES = ("index_766.json", "index_61.json")
CERTAINTIES = ("law", "secondary", "memory")
VIEWS = tuple(view.value for view in View)
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class RankingRule:
    """How agencies are ranked, from a day on.

    Attributes:
        valid_from: the first day on which a period may end to be ranked so.
        smallest_sample: dossiers in the period with which an agency is ranked.
    """

    valid_from: date
    smallest_sample: int


@cache
def indices(directory: Path = DATA) -> tuple[Index, ...]:
    """Every index of all times.

    Raises:
        shared.data_files.DataError: with every fault of a file.
    """
    return tuple(index for name in INDEX_FILES for index in read_rules(directory / name, _index))


def index_for(on: date, id_: str = "") -> Index:
    """The index for a period that ends on a day.

    Raises:
        NoIndex: none was in force then, or not that one.
    """
    return in_force_on(indices(), on, id_)


def index_of(id_: str) -> Index:
    """An index by its id.

    Raises:
        NoIndex: there is none.
    """
    for index in indices():
        if index.id == id_:
            return index
    raise NoIndex(id_)


def ranking_rule(on: date) -> RankingRule:
    """The rule of rankings in force on a day."""
    return in_force(_ranking_rules(), on)


@cache
def _ranking_rules() -> tuple[RankingRule, ...]:
    return read_rules(
        DATA / "index_ranking.json",
        lambda record: RankingRule(record.day("valid_from"), record.integer("smallest_sample", least=1)),
    )


def _index(record: Record) -> Index:
    valid_from, valid_to = record.span()
    return Index(
        valid_from=valid_from,
        valid_to=valid_to,
        id=record.text("id"),
        name=_both(record, "name"),
        decision=_both(record, "decision"),
        dissatisfied_to=record.integer("dissatisfied_to", least=1, most=5),
        bands=tuple(_band(one) for one in record.records("bands", named_by="vi", at_least=1)),
        groups=tuple(_group(one) for one in record.records("groups", named_by="id", at_least=1)),
    )


def _band(record: Record) -> Band:
    least = Fraction(record.integer("from"))
    band = Band(least, _names(record), record.text("certainty", choices=CERTAINTIES))
    record.done()
    return band


def _group(record: Record) -> Group:
    parts = tuple(_part(one) for one in record.records("parts", named_by="id", at_least=1))
    group = Group(record.text("id"), _names(record), parts)
    if record.integer("points") != group.points:
        record.fault("points", f"its parts give {group.points}")
    record.text("certainty", choices=CERTAINTIES)
    record.done()
    return group


def _part(record: Record) -> Part:
    formula = record.text("formula", choices=(OUTSIDE, *FORMULAS))
    outside = formula == OUTSIDE
    view = record.text("agency", choices=VIEWS)
    scale, certainty = _scale(record)
    part = Part(
        id=record.text("id"),
        name=_names(record),
        formula=formula,
        view=View(view) if view in VIEWS else View.HANDLING,
        points=Fraction(record.integer("points", least=1)),
        scale=scale,
        factor=record.optional_text("factor") or "",
        missing=_both(record, "missing") if outside else ("", ""),
        certainty=(record.text("points_certainty", choices=CERTAINTIES), certainty),
    )
    record.done()
    return part


def _scale(record: Record) -> tuple[Scale, str]:
    full_at, one_from, two_from = (record.optional_integer(name) for name in ("full_at", "one_from", "two_from"))
    certainty = record.optional_text("full_at_certainty", choices=CERTAINTIES)
    if full_at is not None:
        if not 0 < full_at <= HUNDRED:
            record.fault("full_at", "must be from 1 to 100")
        return Threshold(Fraction(max(full_at, 1))), certainty or "memory"
    if one_from is None or two_from is None:
        return Graded(), certainty or ""
    if not 0 < one_from <= two_from <= HUNDRED:
        record.fault("one_from", "must be above 0 and not above two_from, and that not above 100")
    return Steps(Fraction(one_from), Fraction(two_from)), certainty or "memory"


def _names(record: Record) -> tuple[str, str]:
    return record.text("vi"), record.text("en")


def _both(record: Record, name: str) -> tuple[str, str]:
    return record.text(f"{name}_vi"), record.text(f"{name}_en")
