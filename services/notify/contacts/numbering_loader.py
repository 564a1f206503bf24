"""Reads the numbering plan from ``data/numbering.json``. A new mobile prefix is a change of data, not of code."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from services.notify.contacts.domain import NumberingPlan

NUMBERING_FILE = Path(__file__).parent.parent / "data" / "numbering.json"


@cache
def numbering_plan() -> NumberingPlan:
    """The numbering plan in force."""
    content = json.loads(NUMBERING_FILE.read_text(encoding="utf-8"))
    return NumberingPlan(tuple(content["prefixes"]), content["digits"], content["retired"])
