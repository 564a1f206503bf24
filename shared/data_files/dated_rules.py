"""Rules that change on a day: a data file lists them under ``rules``, each with the first day on which it is in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

from shared.data_files.record import Record, read_record


class Dated(Protocol):
    """A rule with the first day on which it is in force."""

    @property
    def valid_from(self) -> date: ...


Rule = TypeVar("Rule", bound=Dated)


def read_rules(file: Path, make: Callable[[Record], Rule]) -> tuple[Rule, ...]:
    """The rules of a data file, the newest first.

    Args:
        file: JSON with ``rules``, and with ``description`` and ``source`` as remarks.
        make: makes a rule of its record.

    Raises:
        shared.data_files.DataError: with every fault.
    """
    record = read_record(file)
    for remark in ("description", "source"):
        record.optional_text(remark)
    found = []
    for one in record.records("rules", named_by="valid_from"):
        found.append(make(one))
        one.done()
    record.done()
    record.raise_faults()
    return tuple(sorted(found, key=lambda rule: rule.valid_from, reverse=True))


def in_force(rules: Sequence[Rule], on: date) -> Rule:
    """The rule in force on a day; before the first one, the first.

    Args:
        rules: the newest first; at least one.
        on: the day.
    """
    return next((rule for rule in rules if rule.valid_from <= on), rules[-1])
