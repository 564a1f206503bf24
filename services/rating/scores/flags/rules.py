"""Reads the numbers of flags from ``data/flags.json``."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from services.rating.scores.flags.domain import FlagRules
from shared.data_files import Record, in_force, read_rules

FLAGS_FILE = Path(__file__).parent.parent.parent / "data" / "flags.json"
NUMBERS = (
    *("streak_ratings", "streak_minutes", "look_back_days"),
    *("jump_ratings", "jump_points", "jump_weeks"),
    *("outlier_ratings", "outlier_points"),
)


def flag_rules(on: date) -> FlagRules:
    """The numbers in force on a day."""
    return in_force(_rules(), on)


@cache
def _rules() -> tuple[FlagRules, ...]:
    return read_rules(FLAGS_FILE, _rule)


def _rule(record: Record) -> FlagRules:
    return FlagRules(record.day("valid_from"), **{name: record.integer(name, least=1) for name in NUMBERS})
