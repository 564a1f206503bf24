"""Reads the national numbering plan from ``data/numbering.json``. A new mobile prefix is a change of data, not of code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from shared.data_files import read_record

NUMBERING_FILE = Path(__file__).parent / "data" / "numbering.json"


@dataclass(frozen=True)
class NumberingPlan:
    """The national numbering plan, as far as citizens' numbers need it.

    Attributes:
        prefixes: first digits of mobile numbers, with the trunk prefix 0.
        digits: length of a mobile number, with the trunk prefix.
        fixed_prefix: first digits of fixed lines, with the trunk prefix.
        fixed_digits: lengths of the numbers of fixed lines.
        retired: prefix of an old, longer mobile number → the prefix that replaced it in 2018.
    """

    prefixes: tuple[str, ...]
    digits: int
    fixed_prefix: str
    fixed_digits: tuple[int, int]
    retired: Mapping[str, str] = field(hash=False)

    @cached_property
    def mobile(self) -> re.Pattern[str]:
        """Matches a mobile number in national form."""
        rest = self.digits - len(self.prefixes[0])
        return re.compile(f"(?:{'|'.join(self.prefixes)})[0-9]{{{rest}}}")

    def is_fixed(self, digits: str) -> bool:
        """Whether digits are the number of a fixed line in national form."""
        least, most = self.fixed_digits
        return digits.startswith(self.fixed_prefix) and least <= len(digits) <= most

    def renewed(self, digits: str) -> str:
        """A number with a retired prefix as it is dialled since 2018; any other number as it is."""
        for old, new in self.retired.items():
            if digits.startswith(old) and len(digits) - len(old) + len(new) == self.digits:
                return new + digits[len(old) :]
        return digits


@cache
def numbering_plan() -> NumberingPlan:
    """The numbering plan in force.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    record = read_record(NUMBERING_FILE)
    for remark in ("source", "certainty"):
        record.optional_text(remark)
    plan = NumberingPlan(
        prefixes=record.texts("prefixes", at_least=1),
        digits=record.integer("digits", least=1),
        fixed_prefix=record.text("fixed_prefix"),
        fixed_digits=(record.integer("fixed_digits_least", least=1), record.integer("fixed_digits_most", least=1)),
        retired=record.text_map("retired"),
    )
    record.done()
    record.raise_faults()
    return plan
