"""Reads ``data/assessment_rules.json``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from services.rating.rankings.assessments.domain import AssessmentRules
from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent.parent.parent / "data" / "assessment_rules.json"
_LAST_DAY = 28
"""So that the day exists in every month."""


@cache
def _rules() -> Sequence[AssessmentRules]:
    return read_rules(FILE, _rule)


def assessment_rules(on: date) -> AssessmentRules:
    """The rules in force on a day."""
    return in_force(_rules(), on)


def _rule(record: Record) -> AssessmentRules:
    return AssessmentRules(
        valid_from=record.day("valid_from"),
        opens_month=record.integer("opens_month", least=1, most=12),
        opens_day=record.integer("opens_day", least=1, most=_LAST_DAY),
        comment_working_days=record.integer("comment_working_days", least=1),
    )
