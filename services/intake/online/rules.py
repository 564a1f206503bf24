"""Reads how long drafts are kept from ``data/online_filing.json``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent.parent / "data" / "online_filing.json"


@dataclass(frozen=True, slots=True)
class DraftRules:
    """Rules of drafts since a day.

    Attributes:
        valid_from: the first day.
        kept_days: how long a draft is kept after its last change.
        drafts: how many a citizen may have at a time.
        together: fields of procedures in which several people apply together.
        answer_days: how long a question to one of them, and an agreement, hold.
    """

    valid_from: date
    kept_days: int
    drafts: int
    together: frozenset[str]
    answer_days: int


@cache
def _all() -> tuple[DraftRules, ...]:
    return read_rules(FILE, _rules)


def _rules(one: Record) -> DraftRules:
    return DraftRules(
        one.day("valid_from"),
        one.integer("kept_days", 1),
        one.integer("drafts", 1),
        frozenset(one.texts("together")),
        one.integer("answer_days", 1),
    )


def draft_rules(on: date) -> DraftRules:
    """The rules in force on a day; before the first ones, the first."""
    return in_force(_all(), on)
