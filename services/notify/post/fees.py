"""Postage by weight, from ``data/postal_fees.json``: dated, and an estimate until the post has weighed (QĐ 45/2016/QĐ-TTg)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.data_files import Record, in_force, read_rules

FILE = Path(__file__).parent.parent / "data" / "postal_fees.json"
CERTAINTIES = ("law", "secondary", "memory")


@dataclass(frozen=True, slots=True)
class WeightStep:
    """Up to a weight, in grams, a fee in VND."""

    grams: int
    fee: int


@dataclass(frozen=True, slots=True)
class PostalFees:
    """Fees since a day.

    Attributes:
        valid_from: the first day.
        certainty: how sure the amounts are; see ``law.md`` and docs/post.md.
        sheet_grams, envelope_grams: weights of one A4 sheet and of an envelope.
        letter: steps of ordinary letters.
        same_province, other_province: steps of parcels with dossiers and results.
    """

    valid_from: date
    certainty: str
    sheet_grams: int
    envelope_grams: int
    letter: tuple[WeightStep, ...]
    same_province: tuple[WeightStep, ...]
    other_province: tuple[WeightStep, ...]

    def letter_grams(self, pages: int) -> int:
        """The weight of a letter; each page is a sheet of its own."""
        return self.envelope_grams + self.sheet_grams * pages

    def letter_step(self, pages: int) -> WeightStep | None:
        """The weight class and fee of a letter; None if it is too heavy for one."""
        return step_for(self.letter, self.letter_grams(pages))

    def parcel_step(self, grams: int, same_province: bool) -> WeightStep | None:
        """The weight class and fee of a parcel; None if it is too heavy for this service."""
        return step_for(self.same_province if same_province else self.other_province, grams)

    @property
    def heaviest_parcel(self) -> int:
        """The greatest weight of a parcel, in grams."""
        return min(self.same_province[-1].grams, self.other_province[-1].grams)


def step_for(steps: Sequence[WeightStep], grams: int) -> WeightStep | None:
    """The first step that holds a weight; None if none does."""
    return next((step for step in steps if grams <= step.grams), None)


def postal_fees(on: date) -> PostalFees:
    """The fees in force on a day; before the first ones, the first.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    return in_force(_all(), on)


def parse_fees(one: Record) -> PostalFees:
    """The fees of a record; faults are added to it."""
    return PostalFees(
        one.day("valid_from"),
        one.text("certainty", choices=CERTAINTIES),
        one.integer("sheet_grams", 1, 100),
        one.integer("envelope_grams", 1, 100),
        *(_steps(one, name) for name in ("letter", "same_province", "other_province")),
    )


def _steps(one: Record, name: str) -> tuple[WeightStep, ...]:
    found = []
    for step in one.records(name, at_least=1):
        found.append(WeightStep(step.integer("grams", 1), step.integer("fee")))
        step.done()
    weights = [step.grams for step in found]
    if weights != sorted(set(weights)):
        one.fault(name, "the weights do not rise")
    return tuple(found)


@cache
def _all() -> tuple[PostalFees, ...]:
    return read_rules(FILE, parse_fees)
