"""The rating forms' data files: what the product ships loads, and every fault is reported with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.rating.ratings.form import (
    FORM_FILE,
    FORMS,
    UnknownForm,
    form_of_regulation,
    form_of_version,
    forms,
    rating_form,
    read_forms,
)
from shared.data_files import DataError, Record
from shared.regulations import Regulations

COMMON: dict[str, Any] = json.loads(FORM_FILE.read_text(encoding="utf-8"))
VERSIONS = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FORMS.glob("*.json"))]


def read(common: dict[str, Any], *versions: dict[str, Any]) -> object:
    records = [Record(one, f"{one['version']}.json") for one in versions]
    return read_forms(Record(common, "form.json"), records, Regulations.load())


def test_the_shipped_forms_load() -> None:
    assert read(COMMON, *VERSIONS) == forms()
    assert [form.version for form in forms()] == ["nd118-2025", "nd61-2018"], "the newest first"
    assert {tuple(sorted(form.scores)) for form in forms()} == {(1, 2, 3, 4, 5)}


@pytest.mark.parametrize("regulation", [one.id for one in Regulations.load().all()])
def test_every_regulation_has_a_form(regulation: str) -> None:
    assert regulation in form_of_regulation(regulation).regulations


def test_where_no_regulation_is_known_the_newest_form_is_asked() -> None:
    assert form_of_regulation("") is rating_form() is forms()[0]


def test_a_form_is_found_by_its_version() -> None:
    assert form_of_version("nd61-2018").answers.keys() == {0, 1, 2}
    with pytest.raises(UnknownForm):
        form_of_version("nd1-1900")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"invitation_days": 0}, r"form\.json: invitation_days: must be 1 or more"),
        ({"scores": []}, "scores: must have at least 1 entry"),
        ({"scores": [{"score": 6, "vi": "a", "en": "b"}]}, r"scores\[0\] \(6\): score: must be from 1 to 5"),
        ({"colour": "red"}, "colour: unknown"),
    ],
)
def test_a_fault_is_reported_with_its_place(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(DataError, match=fault):
        read({**COMMON, **change}, *VERSIONS)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"criteria": [{"name": "time", "vi": "a"}]}, r"criteria\[0\] \(time\): en: missing"),
        ({"answers": [{"score": 6, "vi": "a", "en": "b"}]}, r"answers\[0\] \(6\): score: must be from 0 to 5"),
        ({"regulations": ["nd61-2018"]}, "nd118-2025: has 0 rating forms, not one"),
        ({"colour": "red"}, "colour: unknown"),
    ],
)
def test_a_fault_of_a_version_is_reported_with_its_place(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(DataError, match=fault):
        read(COMMON, {**VERSIONS[0], **change}, *VERSIONS[1:])
