"""The rating form's data file: what the product ships loads, and every fault is reported with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.rating.ratings.form import FORM_FILE, rating_form, read_form
from shared.data_files import DataError, Record

SHIPPED: dict[str, Any] = json.loads(FORM_FILE.read_text(encoding="utf-8"))


def test_the_shipped_form_loads() -> None:
    assert read_form(Record(SHIPPED, "form.json")) == rating_form()
    assert sorted(rating_form().scores) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"invitation_days": 0}, r"form\.json: invitation_days: must be 1 or more"),
        ({"scores": []}, "scores: must have at least 1 entry"),
        ({"scores": [{"score": 6, "vi": "a", "en": "b"}]}, r"scores\[0\] \(6\): score: must be from 1 to 5"),
        ({"criteria": [{"name": "time", "vi": "a"}]}, r"criteria\[0\] \(time\): en: missing"),
        ({"colour": "red"}, "colour: unknown"),
    ],
)
def test_a_fault_is_reported_with_its_place(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(DataError, match=fault):
        read_form(Record({**SHIPPED, **change}, "form.json"))
