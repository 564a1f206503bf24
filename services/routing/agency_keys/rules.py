"""Reads how keys of agencies work from ``data/agency_keys.json``. Another number is a change of data, not of code."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

from services.routing.agency_keys.domain import KeyRules
from shared.data_files import Record
from shared.data_files.dated_rules import in_force, read_rules

RULES_FILE = Path(__file__).parent.parent / "data" / "agency_keys.json"


@cache
def all_rules() -> tuple[KeyRules, ...]:
    """All rules, the newest first.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    return read_rules(RULES_FILE, _rules)


def rules_on(day: date) -> KeyRules:
    """The rules in force on a day."""
    return in_force(all_rules(), day)


def _rules(record: Record) -> KeyRules:
    return KeyRules(
        valid_from=record.day("valid_from"),
        valid_for=timedelta(days=record.integer("valid_days", least=1)),
        warn_before=timedelta(days=record.integer("warn_days", least=1)),
        valid_at_once=record.integer("valid_at_once", least=1),
        token_for=timedelta(minutes=record.integer("token_minutes", least=1)),
    )
