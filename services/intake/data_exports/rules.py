"""Reads how long data exports are kept and when they are due from ``data/data_exports.json``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent.parent / "data" / "data_exports.json"


@dataclass(frozen=True, slots=True)
class ExportRules:
    """Rules since a day.

    Attributes:
        valid_from: the first day.
        kept_days: how long the export of who signed in can be opened; then it is deleted.
        desk_kept_hours: the same of one that a clerk makes for a visitor.
        again_after_hours: since when after the last one a person may ask for another one.
        answer_working_days: within how many working days a person must hear what becomes of their request.
        provide_days: within how many days they must have their data.
    """

    valid_from: date
    kept_days: int
    desk_kept_hours: int
    again_after_hours: int
    answer_working_days: int
    provide_days: int


@cache
def _all() -> tuple[ExportRules, ...]:
    return read_rules(FILE, _rules)


def _rules(one: Record) -> ExportRules:
    names = ("kept_days", "desk_kept_hours", "again_after_hours", "answer_working_days", "provide_days")
    return ExportRules(one.day("valid_from"), *(one.integer(name, 1) for name in names))


def export_rules(on: date) -> ExportRules:
    """The rules in force on a day; before the first ones, the first."""
    return in_force(_all(), on)
