"""Reads how long personal data are kept from ``data/retention.json``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.data_files import Record, read_record

FILE = Path(__file__).parent.parent / "data" / "retention.json"


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """Rules since a day.

    Attributes:
        valid_from: the first day.
        dossier_days: how long the personal data of a dossier are kept after its end.
        refused_application_days: the same for an application that was not received.
    """

    valid_from: date
    dossier_days: int
    refused_application_days: int


@cache
def _all() -> tuple[RetentionRules, ...]:
    return parse_rules(read_record(FILE))


def parse_rules(record: Record) -> tuple[RetentionRules, ...]:
    """The rules of a data file, the newest first.

    Raises:
        shared.data_files.DataError: with every fault.
    """
    for remark in ("description", "source"):
        record.optional_text(remark)
    found = []
    for one in record.records("rules", named_by="valid_from"):
        days = one.integer("dossier_days", 1), one.integer("refused_application_days", 1)
        found.append(RetentionRules(one.day("valid_from"), *days))
        one.done()
    record.done()
    record.raise_faults()
    return tuple(sorted(found, key=lambda rule: rule.valid_from, reverse=True))


def retention_rules(on: date) -> RetentionRules:
    """The rules in force on a day; before the first ones, the first."""
    rules = _all()
    return next((rule for rule in rules if rule.valid_from <= on), rules[-1])
