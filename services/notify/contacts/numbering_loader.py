"""Reads the numbering plan from ``data/numbering.json``. A new mobile prefix is a change of data, not of code."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from services.notify.contacts.domain import NumberingPlan
from shared.data_files import read_record

NUMBERING_FILE = Path(__file__).parent.parent / "data" / "numbering.json"


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
        retired=record.text_map("retired"),
    )
    record.done()
    record.raise_faults()
    return plan
