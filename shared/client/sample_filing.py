"""Filings of invented people, for simulations and sample data."""

from __future__ import annotations

import random
from typing import Any

from shared.catalogue import Procedure

FAMILY_NAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Ngô")
GIVEN_NAMES = ("Thị Bưởi", "Văn Đức", "Thị Ánh", "Quốc Việt", "Thị Tuyết", "Hữu Phước", "Ngọc Trâm", "Minh Khôi")


def sample_filing(chance: random.Random, procedure: Procedure, number: int) -> dict[str, Any]:
    """What somebody files for a procedure: one of its cases with all papers that it requires.

    Args:
        chance: chooses the case and the person.
        procedure: what is filed.
        number: of the person; different numbers have different telephones.
    """
    case = chance.choice(procedure.cases)
    return {
        "procedure": procedure.code,
        "case": case.code,
        "applicant": sample_person(chance, number),
        "papers": [paper.code for paper in procedure.required_papers(case.code)],
    }


def sample_person(chance: random.Random, number: int) -> dict[str, str]:
    """An invented person; arguments as for :func:`sample_filing`."""
    return {
        "name": f"{chance.choice(FAMILY_NAMES)} {chance.choice(GIVEN_NAMES)}",
        "id_number": f"0951{chance.randrange(10**8):08d}",
        "phone": f"09{number % 10**8:08d}",
    }


def lasts_for_days(procedure: Procedure) -> bool:
    """Whether any of its routes has a step that may not be completed before days have passed."""
    return any(step.wait_days for route in procedure.routes for step in route.steps)
