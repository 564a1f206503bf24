"""Reads the smallest samples of ratings from ``data/samples.json``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.data_files import Record, in_force, read_rules

SAMPLES_FILE = Path(__file__).parent.parent / "data" / "samples.json"


@dataclass(frozen=True, slots=True)
class Samples:
    """How many ratings there must be before a share of them is shown (NĐ 118/2025, Điều 29.3).

    Attributes:
        valid_from: the first day.
        public_ratings: on public pages.
        leader_ratings: on leaders' pages.
    """

    valid_from: date
    public_ratings: int
    leader_ratings: int


def samples(on: date) -> Samples:
    """The numbers in force on a day."""
    return in_force(_rules(), on)


@cache
def _rules() -> tuple[Samples, ...]:
    return read_rules(SAMPLES_FILE, _rule)


def _rule(record: Record) -> Samples:
    return Samples(
        valid_from=record.day("valid_from"),
        public_ratings=record.integer("public_ratings", least=2),
        leader_ratings=record.integer("leader_ratings", least=2),
    )
