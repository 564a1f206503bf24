"""Reads from ``data/weights.json`` what share of a busy process each kind of request and each field has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent / "data" / "weights.json"
KINDS = ("probe", "vital", "staff", "citizen", "large", "public", "ahead")
FILING = "filing"
"""The kind of request that is counted by its field."""

Key = tuple[str, str]
"""A kind of request and, of filings, the field; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Shares since a day; of two kinds that wait, one with twice the weight gets twice the threads and places.

    Attributes:
        valid_from: the first day.
        kinds: by kind of request, other than filings.
        any_field: of the filings of a field that is not named.
        fields: of the filings of a field.
    """

    valid_from: date
    kinds: Mapping[str, int]
    any_field: int
    fields: Mapping[str, int]

    def of(self, key: Key) -> int:
        """The weight of a kind of request."""
        kind, field = key
        return self.fields.get(field, self.any_field) if kind == FILING else self.kinds[kind]


@cache
def _all() -> tuple[Weights, ...]:
    return read_rules(FILE, _weights)


def _weights(one: Record) -> Weights:
    kinds = one.record("kinds")
    by_kind = {kind: kinds.integer(kind, 1, 1000) for kind in KINDS}
    kinds.done()
    fields = {}
    for entry in one.records("fields", named_by="field"):
        fields[entry.text("field")] = entry.integer("weight", 1, 1000)
        entry.done()
    return Weights(one.day("valid_from"), by_kind, one.integer("any_field", 1, 1000), fields)


def weights(on: date) -> Weights:
    """The weights in force on a day; before the first ones, the first."""
    return in_force(_all(), on)
