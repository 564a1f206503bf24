"""Reads the numbers of scores from ``data/scores.json``."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from services.rating.scores.domain import ScoreRules
from shared.data_files import Record, in_force, read_rules

SCORES_FILE = Path(__file__).parent.parent / "data" / "scores.json"


def score_rules(on: date) -> ScoreRules:
    """The numbers in force on a day."""
    return in_force(_rules(), on)


@cache
def _rules() -> tuple[ScoreRules, ...]:
    return read_rules(SCORES_FILE, _rule)


def _rule(record: Record) -> ScoreRules:
    return ScoreRules(
        valid_from=record.day("valid_from"),
        satisfied_from=record.integer("satisfied_from", least=1, most=5),
        confidence_z=record.positive_number("confidence_z"),
        official_sample=record.integer("official_sample", least=2),
        public_sample=record.integer("public_sample", least=2),
        comment_sample=record.integer("comment_sample", least=2),
    )
