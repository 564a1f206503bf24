"""Reads the limits of conversations from ``data/conversations.json``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent.parent / "data" / "conversations.json"


@dataclass(frozen=True, slots=True)
class ConversationRules:
    """Limits since a day, for one dossier.

    Attributes:
        valid_from: the first day.
        open_questions: how many questions of the citizen may wait for an answer.
        questions_per_day: how many the citizen may ask on one day.
        open_questions_of_agency: how many questions of one agency may wait for an answer.
    """

    valid_from: date
    open_questions: int
    questions_per_day: int
    open_questions_of_agency: int


@cache
def _all() -> tuple[ConversationRules, ...]:
    return read_rules(FILE, _rules)


def _rules(one: Record) -> ConversationRules:
    names = ("open_questions", "questions_per_day", "open_questions_of_agency")
    return ConversationRules(one.day("valid_from"), *(one.integer(name, 1) for name in names))


def conversation_rules(on: date) -> ConversationRules:
    """The limits in force on a day; before the first ones, the first."""
    return in_force(_all(), on)
