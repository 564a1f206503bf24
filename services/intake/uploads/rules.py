"""Reads the limits of uploads from ``data/uploads.json``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent.parent / "data" / "uploads.json"
LARGEST = 20 << 20
"""Bytes of a file that no rule may exceed: what the web server receives at once."""


@dataclass(frozen=True, slots=True)
class UploadRules:
    """Limits since a day.

    Attributes:
        valid_from: the first day.
        file_bytes: the largest file.
        files_per_paper: how many files one paper may have.
        files_per_draft: how many all papers of a draft may have together.
    """

    valid_from: date
    file_bytes: int
    files_per_paper: int
    files_per_draft: int


@cache
def _all() -> tuple[UploadRules, ...]:
    return read_rules(FILE, _rules)


def _rules(one: Record) -> UploadRules:
    limits = one.integer("file_bytes", 1, LARGEST), one.integer("files_per_paper", 1), one.integer("files_per_draft", 1)
    return UploadRules(one.day("valid_from"), *limits)


def upload_rules(on: date) -> UploadRules:
    """The limits in force on a day; before the first ones, the first."""
    return in_force(_all(), on)
