"""Which agencies' work an agency does after mergers."""

from __future__ import annotations

from datetime import date

import pytest

from tests.routing.service_fixture import reference

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


@pytest.mark.parametrize(
    ("code", "on", "expected"),
    [
        ("H12.14.02", AFTER, {"H12.14.02", "001.34.13.H04"}),
        ("H12.31.01", AFTER, {"H12.31.01", "000.00.34.H04", "000.21.34.H04", "000.22.34.H04"}),
        ("001.34.13.H04", BEFORE, {"001.34.13.H04"}),
        ("000.00.14.H04", date(2025, 3, 1), {"000.00.14.H04", "000.00.13.H04"}),
        ("H12.14", AFTER, {"H12.14", "000.00.14.H04", "000.00.13.H04"}),
        ("nobody", AFTER, {"nobody"}),
        ("", AFTER, set()),
    ],
)
def test_an_agency_does_the_work_of_those_merged_into_it(code: str, on: date, expected: set[str]) -> None:
    assert reference().agencies.handled_by(code, on) == expected
