"""Reads the methods of rankings from ``data/ranking_methods.json``. Another method is a change of data, not of code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from services.rating.rankings.domain import Method
from services.rating.ratings.domain import HIGHEST_SCORE, LOWEST_SCORE
from services.rating.scores.rules import score_rules
from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent.parent / "data" / "ranking_methods.json"


@cache
def methods() -> Sequence[Method]:
    """All methods, the newest first."""
    return read_methods(FILE)


def read_methods(file: Path) -> Sequence[Method]:
    """The methods of a data file, the newest first.

    Raises:
        DataError: with every fault.
    """
    return read_rules(file, _method)


def method_on(day: date) -> Method:
    """The method of a period that ends on a day, with the numbers of scores in force on that day."""
    return replace(in_force(methods(), day), scores=score_rules(day))


def _method(record: Record) -> Method:
    valid_from = record.day("valid_from")
    method = Method(
        valid_from=valid_from,
        id=record.text("id"),
        decision_vi=record.text("decision_vi"),
        decision_en=record.text("decision_en"),
        dissatisfied_to=record.integer("dissatisfied_to", least=LOWEST_SCORE, most=HIGHEST_SCORE),
        settle_days=record.integer("settle_days"),
        watch_days=record.integer("watch_days"),
        scores=score_rules(valid_from),
    )
    if method.dissatisfied_to >= method.scores.satisfied_from:
        record.fault("dissatisfied_to", "must be less than the lowest satisfied score")
    return method
