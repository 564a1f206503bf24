"""Reads how long personal data are kept from ``data/retention.json``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent.parent / "data" / "retention.json"


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """Rules since a day.

    Attributes:
        valid_from: the first day.
        dossier_days: how long the personal data of a dossier are kept after its end.
        refused_application_days: the same for an application that was not received.
        after_restore_days: how long nothing new is erased after the database was restored from a backup.
        declined_filing_days: the same for a filing that was declined at the counter.
    """

    valid_from: date
    dossier_days: int
    refused_application_days: int
    after_restore_days: int
    declined_filing_days: int


@cache
def _all() -> tuple[RetentionRules, ...]:
    return read_rules(FILE, _rules)


def _rules(one: Record) -> RetentionRules:
    names = ("dossier_days", "refused_application_days", "after_restore_days", "declined_filing_days")
    return RetentionRules(one.day("valid_from"), *(one.integer(name, 1) for name in names))


def retention_rules(on: date) -> RetentionRules:
    """The rules in force on a day; before the first ones, the first."""
    return in_force(_all(), on)
